//! Trust anchors and addresses: what a collector may replace in an agent, and nothing else.

/// BLAKE3-256 over the trust anchors and addresses that an agent holds, whatever their order.
///
/// Each list is sorted and written as its length followed by its items, each after its own length (all
/// lengths 32 bits, little-endian); anchors come first. Agent and collector compare the result.
pub fn credentials_digest(anchors: &[Vec<u8>], addresses: &[String]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let mut add = |mut items: Vec<&[u8]>| {
        items.sort_unstable();
        hasher.update(&(items.len() as u32).to_le_bytes());
        for item in items {
            hasher.update(&(item.len() as u32).to_le_bytes());
            hasher.update(item);
        }
    };
    add(anchors.iter().map(Vec::as_slice).collect());
    add(addresses.iter().map(String::as_bytes).collect());
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_tells_lists_apart_but_not_their_order() {
        let anchors = [vec![1], vec![2, 3]];
        let addresses = ["a:1".to_owned(), "b:2".to_owned()];
        let digest = credentials_digest(&anchors, &addresses);
        let reversed = [vec![2, 3], vec![1]];
        let other_way = ["b:2".to_owned(), "a:1".to_owned()];
        assert_eq!(digest, credentials_digest(&reversed, &other_way));
        assert_ne!(
            digest,
            credentials_digest(&[vec![1, 2], vec![3]], &addresses)
        );
        assert_ne!(digest, credentials_digest(&anchors, &addresses[..1]));
    }
}
