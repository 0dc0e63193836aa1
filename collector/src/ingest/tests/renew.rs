use freehold_proto::v1::RenewRequest;
use tonic::Code;

use super::site::{Site, peer};
use crate::{
    id::{Digest, MachineId},
    peer::MachinePeer,
    store::Read as _,
};

fn csr() -> Vec<u8> {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let request = rcgen::CertificateParams::default()
        .serialize_request(&key)
        .unwrap();
    request.der().to_vec()
}

#[tokio::test]
async fn an_expired_certificate_is_renewed() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    let expired = MachinePeer {
        expired: true,
        ..peer(id)
    };
    let request = RenewRequest { csr: csr() };
    let answer = site
        .client(Some(expired))
        .renew(request)
        .await
        .unwrap()
        .into_inner();
    let bundle = answer.credentials.unwrap();
    assert_eq!(bundle.certificate_chain.len(), 2);
    assert_eq!(bundle.trust_anchors.len(), 1);
    let machine = site.store.machine(id).unwrap().unwrap();
    assert!(machine.certificate_expires_at > site.clock.now().0);
    let key = Digest::from_slice(&machine.public_key).unwrap();
    assert_eq!(site.store.machine_by_key(&key).unwrap(), Some(id));
}

#[tokio::test]
async fn a_bad_request_is_refused_with_the_field() {
    let id = MachineId::random();
    let site = Site::new(&[id]).await;
    for csr in [vec![], vec![1, 2, 3], vec![0; 100_000]] {
        let refused = site
            .client(Some(peer(id)))
            .renew(RenewRequest { csr })
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(refused.message().starts_with("csr: "), "{refused}");
    }
    let refused = site
        .client(None)
        .renew(RenewRequest { csr: csr() })
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
}
