//! Whether a program may be run by an agent that may be root: only if nobody but root could have put it
//! there.

use std::{
    io,
    os::unix::{fs::MetadataExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::Command,
};

/// Why a program is not run.
#[derive(Debug, thiserror::Error)]
pub(in crate::probe) enum Untrusted {
    /// It is not there, or may not be looked at.
    #[error("{path} cannot be looked at: {source}")]
    Absent { path: String, source: io::Error },
    /// It is a folder, a pipe or a device.
    #[error("{0} is no program")]
    NoProgram(String),
    /// Its owner could replace it.
    #[error("{0} does not belong to root, so it is not run")]
    Owner(String),
    /// Anyone, or a group, could replace it.
    #[error("{0} can be changed by others than root, so it is not run")]
    Writable(String),
}

/// A command that runs a program that is [`trusted`], under the name it was asked for: some programs are
/// many, and tell by their name which one is meant.
pub(in crate::probe) fn command(path: &Path) -> Result<Command, Untrusted> {
    let mut command = Command::new(trusted(path)?);
    command.arg0(path);
    Ok(command)
}

/// The place of a program with all links followed, if it and every folder on both ways there belong to
/// root and can be changed by nobody else.
fn trusted(path: &Path) -> Result<PathBuf, Untrusted> {
    let place = path.canonicalize().map_err(|source| absent(path, source))?;
    folders(path)?;
    folders(&place)?;
    let metadata = examine(&place)?;
    if metadata.is_file() && metadata.mode() & 0o111 != 0 {
        Ok(place)
    } else {
        Err(Untrusted::NoProgram(place.display().to_string()))
    }
}

fn folders(path: &Path) -> Result<(), Untrusted> {
    path.ancestors()
        .skip(1)
        .filter(|folder| !folder.as_os_str().is_empty())
        .try_for_each(|folder| examine(folder).map(drop))
}

fn examine(path: &Path) -> Result<std::fs::Metadata, Untrusted> {
    let metadata = std::fs::metadata(path).map_err(|source| absent(path, source))?;
    if metadata.uid() != 0 {
        return Err(Untrusted::Owner(path.display().to_string()));
    }
    // With an access control list these bits are its mask: whoever it names may write.
    let mut list = [0_u8; 4096];
    let has_list = rustix::fs::getxattr(path, c"system.posix_acl_access", &mut list).is_ok();
    let group = metadata.mode() & 0o020 != 0 && (metadata.gid() != 0 || has_list);
    if group || metadata.mode() & 0o002 != 0 {
        return Err(Untrusted::Writable(path.display().to_string()));
    }
    Ok(metadata)
}

fn absent(path: &Path, source: io::Error) -> Untrusted {
    Untrusted::Absent {
        path: path.display().to_string(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    #[test]
    fn a_program_of_the_system_is_trusted_and_a_folder_is_none() {
        assert!(trusted(Path::new("/bin/sh")).is_ok());
        assert!(matches!(
            trusted(Path::new("/usr/bin")),
            Err(Untrusted::NoProgram(_))
        ));
        // Below what is no folder nothing can ever be.
        assert!(matches!(
            trusted(Path::new("/dev/null/x")),
            Err(Untrusted::Absent { .. })
        ));
    }

    #[test]
    fn a_program_in_a_folder_of_everybody_is_refused() {
        // The folder for temporary files is everybody's.
        let directory = tempfile::tempdir_in("/tmp").unwrap();
        let program = directory.path().join("mdatp");
        fs::write(&program, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let refusal = trusted(&program).unwrap_err();
        let expected = matches!(refusal, Untrusted::Writable(_) | Untrusted::Owner(_));
        assert!(expected, "{refusal}");
    }

    #[test]
    fn a_link_from_a_folder_of_everybody_is_refused() {
        let directory = tempfile::tempdir_in("/tmp").unwrap();
        let link = directory.path().join("mdatp");
        std::os::unix::fs::symlink("/bin/sh", &link).unwrap();
        assert!(trusted(&link).is_err());
    }
}
