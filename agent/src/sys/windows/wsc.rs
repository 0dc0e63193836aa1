//! Security Center through its own interface.

use windows::Win32::System::{
    Com::{CLSCTX_INPROC_SERVER, CoCreateInstance},
    SecurityCenter::{
        IWSCProductList, WSC_SECURITY_PROVIDER, WSC_SECURITY_PROVIDER_ANTIVIRUS,
        WSC_SECURITY_PROVIDER_FIREWALL, WSCProductList,
    },
};

use super::{failed, patience, wmi::Com};
use crate::rows::{Answer, Row};

/// Most products.
const PRODUCTS: u32 = 1_000;

/// Antivirus products.
pub(crate) fn antivirus() -> Answer<Vec<Row>> {
    patience::ask(|| products(WSC_SECURITY_PROVIDER_ANTIVIRUS))
}

/// Firewalls.
pub(crate) fn firewalls() -> Answer<Vec<Row>> {
    patience::ask(|| products(WSC_SECURITY_PROVIDER_FIREWALL))
}

fn products(provider: WSC_SECURITY_PROVIDER) -> Answer<Vec<Row>> {
    let com = Com::start()?;
    let rows = rows(provider);
    drop(com);
    rows.map_err(|error| failed(&error))
}

fn rows(provider: WSC_SECURITY_PROVIDER) -> windows::core::Result<Vec<Row>> {
    // SAFETY: COM runs on this thread until all interfaces of this function are released.
    unsafe {
        let list: IWSCProductList = CoCreateInstance(&WSCProductList, None, CLSCTX_INPROC_SERVER)?;
        list.Initialize(provider)?;
        let number = u32::try_from(list.Count()?).unwrap_or_default();
        let mut rows = Vec::new();
        for at in 0..number.min(PRODUCTS) {
            let product = list.get_Item(at)?;
            let mut row = Row::of([("Name", product.ProductName()?.to_string().as_str())]);
            // What a product does not tell is left out, and is not known then.
            if let Ok(state) = product.ProductState() {
                row = row.with("State", state.0.cast_unsigned());
            }
            if let Ok(signatures) = product.SignatureStatus() {
                row = row.with("Signatures", signatures.0.cast_unsigned());
            }
            if let Ok(path) = product.RemediationPath() {
                row = row.with("Path", path.to_string().as_str());
            }
            rows.push(row);
        }
        Ok(rows)
    }
}
