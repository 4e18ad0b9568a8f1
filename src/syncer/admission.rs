//! The admission webhook by which a Service exists on the host before it exists here.
//!
//! In: what the virtual API server asks about Services that are about to be stored. Out: the same Services
//! with the addresses and node ports that the host has given them. Never: anything on the host for a dry
//! run; an answer to anybody but the API server.
//!
//! # Guarantees
//! - Without us no Service is made: the API server refuses (`failurePolicy: Fail`), and says why.
//! - A request that comes to nothing after ours leaves a host Service that nobody asks for again; it is
//!   removed by [`super::services`].
//!
//! # Caveats
//! The API server's user may delete the configuration. It comes back, and what was made meanwhile is
//! settled by [`super::services`].

mod answer;
mod server;

use serde_json::Value;

use super::cache::Name;
use super::context::Context;
use super::pods::parse;
use super::queue::Outcome;
use super::rest::{Resource, RestError};
use super::translate::admission as translate;

pub(super) use server::respond;

/// Where configurations like ours are kept.
pub(super) const CONFIGURATIONS: Resource = Resource {
    root: "/apis/admissionregistration.k8s.io/v1",
    plural: "mutatingwebhookconfigurations",
};

/// Makes the API server ask us, or brings that in step.
///
/// # Errors
/// What the virtual API server says.
pub(crate) async fn keep(ctx: &Context) -> Result<Outcome, RestError> {
    if ctx.is_frozen() {
        return Ok(Outcome::Done);
    }
    let wanted = translate::configuration(&ctx.settings.ca_pem);
    let name = Name::new("", translate::CONFIGURATION);
    let found = ctx.known().virtual_webhooks.get(&name);
    if found.is_some_and(|found| is_same(&wanted, &found.value())) {
        return Ok(Outcome::Done);
    }
    let rest = &ctx.virtual_cluster;
    match rest.create(&CONFIGURATIONS.all(""), &wanted).await {
        Err(error) if error.is_conflict() => {}
        other => return other.map(|_| Outcome::Done),
    }
    let path = CONFIGURATIONS.one("", translate::CONFIGURATION);
    let Some(text) = rest.get(&path).await? else {
        return Ok(Outcome::Failed(std::time::Duration::ZERO));
    };
    let found = parse(&text)?.value();
    if !is_same(&wanted, &found) {
        let mut update = found;
        if let (Some(fields), Some(webhooks)) = (update.as_object_mut(), wanted.get("webhooks")) {
            fields.insert("webhooks".to_owned(), webhooks.clone());
        }
        rest.replace(&path, &update).await?;
    }
    Ok(Outcome::Done)
}

fn is_same(wanted: &Value, found: &Value) -> bool {
    wanted.get("webhooks") == found.get("webhooks")
}
