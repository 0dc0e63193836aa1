//! Questions in SQL end with what they are answered from.

use std::time::Duration;

use freehold_proto::v1::{self, query_response::Part};
use tokio::time::timeout;
use tokio_stream::StreamExt as _;
use tonic::Code;

use super::{
    cuts::request_of,
    reads::shared,
    world::{Guest, World},
};
use crate::{
    access::{Terms, parsed_scope},
    audit::Actor,
    remote::{Remote, streams::Stream},
};

/// Adds up for as long as it may.
const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";

/// Answers for as long as somebody listens.
const MANY: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) \
                    SELECT i, zeroblob(100000) FROM n";

/// Asks without the listener, which would cut the connection.
async fn asked(world: &World, guest: &Guest, sql: &str) -> Stream<v1::QueryResponse> {
    let query = v1::QueryRequest {
        sql: sql.to_owned(),
        ..v1::QueryRequest::default()
    };
    let remote = Remote::new(world.desk.clone());
    let answer = remote.queried(request_of(world, guest, query)).await;
    answer.unwrap().into_inner()
}

/// How it ends, well before a statement runs into its own limits, and how many batches of rows come until then.
async fn end(mut pieces: Stream<v1::QueryResponse>) -> (Code, usize) {
    let mut batches = 0;
    let drained = async {
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) => batches += usize::from(matches!(piece.part, Some(Part::Rows(_)))),
                Err(status) => return status.code(),
            }
        }
        Code::Ok
    };
    let code = timeout(Duration::from_secs(20), drained).await;
    (code.expect("it goes on"), batches)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_under_way_ends_with_its_grant_also_where_no_listener_cuts_it() {
    let world = World::new().await;
    let guest = shared(&world).await;
    let (grant, by) = (guest.grant.as_ref().unwrap().id, Actor::console());
    for sql in [ENDLESS, MANY] {
        let mut pieces = asked(&world, &guest, sql).await;
        assert!(pieces.next().await.unwrap().is_ok());
        world.grants.suspend(grant, &by).await.unwrap();
        let (code, batches) = end(pieces).await;
        assert_eq!(code, Code::PermissionDenied, "{sql}");
        // What had been handed over when it ended, of hundreds.
        assert!(batches <= 8, "{batches} batches");
        world.grants.resume(grant, &by).await.unwrap();
    }
    let pieces = asked(&world, &guest, ENDLESS).await;
    let terms = Terms {
        scope: Some(parsed_scope(&["accounts"]).unwrap()),
        ..Terms::default()
    };
    world.grants.alter(grant, terms, &by).await.unwrap();
    assert_eq!(end(pieces).await.0, Code::Aborted);
}
