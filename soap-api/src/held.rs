//! An answer that holds what its call was given until it is sent, or nobody wants it any more.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use isds_core::Admission;

struct HeldBody {
    body: Body,
    _admission: Admission,
}

impl http_body::Body for HeldBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Has an answer hold an admission to its end.
pub(crate) fn hold(response: Response, admission: Admission) -> Response {
    response.map(|body| {
        Body::new(HeldBody {
            body,
            _admission: admission,
        })
    })
}
