//! The line to run on a computer, one for each kind of system.
//!
//! Whoever runs it cannot know the dashboard's certificate, so the line does not rely on it: it carries the
//! package's checksum, which comes from the page, and stops where that differs. The join string goes through
//! a pipe where it can, because other users see command lines.

use axum::http::{HeaderMap, Uri};

use crate::{
    dashboard::{Site, guard},
    packages::{Package, System},
};

/// Where a computer fetches packages from, such as `https://192.168.1.10:8443`. `None` where only this
/// computer reaches the dashboard: then the package has to be carried over. The browser's own address for
/// the dashboard is the best guess, unless that is a loopback address; then it is one that agents are told.
pub(super) fn source(
    site: &Site,
    uri: &Uri,
    headers: &HeaderMap,
    told: &[String],
) -> Option<String> {
    if !site.networked {
        return None;
    }
    let asked = guard::authority(uri, headers).filter(|asked| !super::is_loopback(asked));
    let host = if let Some(asked) = asked {
        asked.to_owned()
    } else {
        let address = told.iter().find(|address| !super::is_loopback(address))?;
        let (host, _) = address.rsplit_once(':')?;
        format!("{host}:{}", site.port)
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".:-_[]".contains(&byte);
    let scheme = if site.https { "https" } else { "http" };
    host.bytes()
        .all(is_plain)
        .then(|| format!("{scheme}://{host}"))
}

/// The line that fetches a package, checks it, installs it and lets it join.
pub(super) fn line(package: &Package, source: Option<&str>, join_string: &str) -> String {
    let Package { name, sha256, .. } = package;
    let address = source.map(|source| format!("{source}/packages/{name}"));
    let check = format!("echo '{sha256}  {name}' | sha256sum -c -");
    // /etc/freehold is there once the package is.
    let join = format!(
        "echo '{join_string}' | sudo sh -c 'umask 077; cat >/etc/freehold/join; systemctl restart freehold-agent'"
    );
    match package.system {
        System::Windows => {
            let fetch = address.map(|address| format!("curl.exe -fsSko {name} '{address}'; "));
            format!(
                "{}if ((Get-FileHash {name}).Hash -eq '{sha256}') {{ msiexec /i {name} /qn JOIN={join_string} }} \
                 else {{ 'This is not the package that the collector offers.' }}",
                fetch.unwrap_or_default()
            )
        }
        System::Debian(_) => {
            let fetch = address
                .map(|address| format!("wget -qO {name} --no-check-certificate '{address}' && "));
            format!(
                "{}{check} && sudo apt-get install -y ./{name} && {join}",
                fetch.unwrap_or_default()
            )
        }
        System::RedHat(_) => {
            let fetch = address.map(|address| format!("curl -fsSko {name} '{address}' && "));
            format!(
                "{}{check} && sudo rpm -U --replacepkgs {name} && {join}",
                fetch.unwrap_or_default()
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;
    use crate::packages::{Processor, Program};

    fn site() -> Site {
        Site {
            https: true,
            port: 8443,
            names: Vec::new(),
            public: false,
            networked: true,
        }
    }

    fn asked(host: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::HOST, host.parse().unwrap())])
    }

    fn package(name: &str, system: System) -> Package {
        Package {
            name: name.to_owned(),
            program: Program::Agent,
            system,
            bytes: 3,
            sha256: "ba7816bf".to_owned(),
        }
    }

    #[test]
    fn packages_are_fetched_from_where_the_owner_reads_the_page() {
        let told = ["127.0.0.1:7443".to_owned(), "[fd00::5]:7443".to_owned()];
        let from = |site: &Site, host| source(site, &Uri::from_static("/add"), &asked(host), &told);
        let of = |address: &str| Some(address.to_owned());
        assert_eq!(
            from(&site(), "office.lan:8443"),
            of("https://office.lan:8443")
        );
        assert_eq!(
            from(&site(), "localhost:8443"),
            of("https://[fd00::5]:8443")
        );
        assert_eq!(from(&site(), "[::1]:8443"), of("https://[fd00::5]:8443"));
        assert_eq!(from(&site(), "a'b:8443"), None);
        let only_here = Site {
            networked: false,
            ..site()
        };
        assert_eq!(from(&only_here, "office.lan:8443"), None);
    }

    #[test]
    fn a_line_installs_nothing_but_what_the_page_names() {
        let deb = package(
            "freehold-agent_1_amd64.deb",
            System::Debian(Processor::Intel),
        );
        let shown = line(&deb, Some("https://office:8443"), "freehold1:abc");
        let order = [
            "'https://office:8443/packages/freehold-agent_1_amd64.deb' && ",
            "echo 'ba7816bf  freehold-agent_1_amd64.deb' | sha256sum -c - && ",
            "apt-get install",
            "&& echo 'freehold1:abc' | sudo",
        ];
        let places = order.map(|part| shown.find(part).expect(part));
        assert!(places.is_sorted(), "{shown}");
    }

    #[test]
    fn a_package_that_was_carried_over_is_not_fetched() {
        let systems = [
            ("freehold-agent.deb", System::Debian(Processor::Arm)),
            ("freehold-agent.rpm", System::RedHat(Processor::Intel)),
            ("freehold-agent.msi", System::Windows),
        ];
        for (name, system) in systems {
            let shown = line(&package(name, system), None, "freehold1:abc");
            assert!(!shown.contains("http"), "{shown}");
            assert!(shown.contains("ba7816bf") && shown.contains("freehold1:abc"));
        }
    }
}
