//! Batteries, printers, USB devices, the security chip.

use freehold_proto::v1::{
    hardware::{Battery, Printer, Tpm, UsbDevice},
    toggle::State,
};

use crate::{
    order,
    parse::{cups, smbios::meaningful},
    probe::{Root, root::is_absent, section::Diagnostics, sysfs},
};

const POWER: &str = "/sys/class/power_supply";
const USB: &str = "/sys/bus/usb/devices";
const TPM: &str = "/sys/class/tpm";
const CUPS: &str = "/etc/cups/printers.conf";

/// The batteries of the machine itself, ordered by name.
pub(super) fn batteries(root: &Root, diagnostics: &mut Diagnostics) -> Vec<Battery> {
    let names = battery_names(root, diagnostics).into_iter();
    names.map(|name| battery(root, name)).collect()
}

/// Names of the machine's own batteries, ordered; those of mice and the like are left out.
pub(in crate::probe) fn battery_names(root: &Root, diagnostics: &mut Diagnostics) -> Vec<String> {
    let names = diagnostics.list_optional(root, POWER, "the batteries are");
    names
        .into_iter()
        .filter(|name| {
            let value = |file| sysfs::value(root, &format!("{POWER}/{name}/{file}"));
            let is_battery = value("type").as_deref() == Some("Battery");
            is_battery && value("scope").as_deref() != Some("Device")
        })
        .collect()
}

fn battery(root: &Root, name: String) -> Battery {
    let path = format!("{POWER}/{name}");
    let text = |file: &str| {
        let text = sysfs::value(root, &format!("{path}/{file}")).unwrap_or_default();
        meaningful(&text).to_owned()
    };
    Battery {
        maker: text("manufacturer"),
        model: text("model_name"),
        serial: text("serial_number"),
        chemistry: text("technology"),
        design_mwh: energy(root, &path, "full_design"),
        source: path.clone(),
        name,
    }
}

/// An amount of energy in milliwatt-hours. Batteries that count charge tell it through their voltage.
pub(in crate::probe) fn energy(root: &Root, battery: &str, which: &str) -> Option<u64> {
    let number = |file: String| sysfs::number::<u64>(root, &format!("{battery}/{file}"));
    if let Some(microwatt_hours) = number(format!("energy_{which}")) {
        return Some(microwatt_hours / 1000);
    }
    let microampere_hours = u128::from(number(format!("charge_{which}"))?);
    let microvolts = u128::from(number("voltage_min_design".into())?);
    u64::try_from(microampere_hours * microvolts / 1_000_000_000).ok()
}

/// The printers set up with CUPS, ordered by name.
pub(super) fn printers(root: &Root, diagnostics: &mut Diagnostics) -> Vec<Printer> {
    let Some(bytes) = diagnostics.read_optional(root, CUPS, "the printers are") else {
        return Vec::new();
    };
    let text = diagnostics.decode(CUPS, "", &bytes);
    let mut printers = cups::printers(&text);
    for printer in &mut printers {
        for text in [
            &mut printer.name,
            &mut printer.model,
            &mut printer.connection,
        ] {
            *text = diagnostics.fit(CUPS, "", std::mem::take(text));
        }
        printer.source = CUPS.into();
    }
    order::sort_by(&mut printers, |a, b| a.name.cmp(&b.name));
    printers
}

/// The connected USB devices without hubs, ordered by port.
pub(super) fn usb(root: &Root, diagnostics: &mut Diagnostics) -> Vec<UsbDevice> {
    const HUB: u64 = 0x09;
    let names = diagnostics.list_optional(root, USB, "the USB devices are");
    names
        .into_iter()
        .filter(|name| !name.contains(':'))
        .map(|name| format!("{USB}/{name}"))
        .filter(|path| sysfs::hexadecimal(root, &format!("{path}/bDeviceClass")) != Some(HUB))
        .filter_map(|path| {
            let text = |file: &str| sysfs::value(root, &format!("{path}/{file}"));
            Some(UsbDevice {
                vendor_id: text("idVendor")?.to_lowercase(),
                product_id: text("idProduct")?.to_lowercase(),
                maker: text("manufacturer").unwrap_or_default(),
                model: text("product").unwrap_or_default(),
                serial: meaningful(&text("serial").unwrap_or_default()).to_owned(),
                source: path,
            })
        })
        .collect()
}

/// The security chip.
pub(super) fn tpm(root: &Root, diagnostics: &mut Diagnostics) -> Tpm {
    let absent = |present: State| Tpm {
        present: present.into(),
        source: TPM.into(),
        ..Tpm::default()
    };
    let chips = match root.list(TPM) {
        Ok(chips) => chips,
        Err(error) if is_absent(&error) => Vec::new(),
        Err(error) => {
            diagnostics.unreadable(TPM, &error, "the security chip is");
            return absent(State::Unknown);
        }
    };
    let Some(chip) = chips.first().and_then(|name| name.to_str()) else {
        return absent(State::Off);
    };
    let path = format!("{TPM}/{chip}");
    let version = match sysfs::value(root, &format!("{path}/tpm_version_major")).as_deref() {
        Some("2") => "2.0",
        Some("1") => "1.2",
        // Older kernels do not tell; only a chip of version 1.2 has this file.
        _ if sysfs::exists(root, &format!("{path}/device/caps")) => "1.2",
        _ => "",
    };
    Tpm {
        present: State::On.into(),
        version: version.into(),
        source: path,
    }
}
