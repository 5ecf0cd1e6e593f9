//! Answers that say no, and why.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An answer that says no, and why: `{"error": …, "code": …}`, with the name of the `field` where one is to blame.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    error: String,
    field: Option<&'static str>,
}

impl Refusal {
    pub fn new(status: StatusCode, code: &'static str, error: impl Into<String>) -> Self {
        Self { status, code, error: error.into(), field: None }
    }

    /// The same with the field that is to blame.
    pub fn about(self, field: &'static str) -> Self {
        Self { field: Some(field), ..self }
    }

    /// Nothing is at the address.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this address")
    }

    /// The address is there, and not for this method.
    pub fn bad_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "bad_method", "this address is not for this method")
    }

    /// Something went wrong here while the page was made.
    pub fn broken_page() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "page_failed", "the page can’t be made at the moment")
    }

    /// The words behind the `?` cannot be followed.
    pub fn bad_query() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_query", "the query is not readable")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut told = json!({"error": self.error, "code": self.code});
        if let Some(field) = self.field {
            told["field"] = field.into();
        }
        (self.status, Json(told)).into_response()
    }
}
