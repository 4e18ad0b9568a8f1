//! What was asked of an API server, by its own count.
//!
//! In: `/metrics` of an API server. Out: requests by resource and verb. Never: knows who asked; beside
//! every such figure stands the one of the host without us.

use std::collections::BTreeMap;

use anyhow::Context;
use http::Request;
use kube::Client;

/// Verbs that write.
const WRITES: [&str; 6] = [
    "POST",
    "PUT",
    "PATCH",
    "APPLY",
    "DELETE",
    "DELETECOLLECTION",
];

/// Resource (`pods`, `pods/status`) and verb.
type Key = (String, String);

/// Counts since the server started, or between two moments.
#[derive(Debug, Clone, Default)]
pub(crate) struct Requests {
    totals: BTreeMap<Key, f64>,
    /// Those of them that were answered with an error.
    refused: BTreeMap<Key, f64>,
    /// Watches of one namespace that are open: those of a cluster's own parts are of all namespaces,
    /// those of kubelets of one object.
    watches: f64,
}

impl Requests {
    /// Asks for them.
    pub(crate) async fn read(client: &Client) -> anyhow::Result<Self> {
        let request = Request::get("/metrics").body(Vec::new())?;
        let text = client
            .request_text(request)
            .await
            .context("the metrics of an API server cannot be read")?;
        Ok(Self::parse(&text))
    }

    /// <https://kubernetes.io/docs/reference/instrumentation/metrics/>
    fn parse(text: &str) -> Self {
        let mut requests = Self::default();
        for line in text.lines() {
            let Some((metric, labels, value)) = sample(line) else {
                continue;
            };
            let label = |name: &str| labels.get(name).copied().unwrap_or_default();
            match metric {
                "apiserver_request_total" => {
                    let resource = match label("subresource") {
                        "" => label("resource").to_owned(),
                        subresource => format!("{}/{subresource}", label("resource")),
                    };
                    let key = (resource, label("verb").to_owned());
                    if label("code").starts_with(['4', '5']) {
                        *requests.refused.entry(key.clone()).or_default() += value;
                    }
                    *requests.totals.entry(key).or_default() += value;
                }
                "apiserver_longrunning_requests"
                    if label("verb") == "WATCH" && label("scope") == "namespace" =>
                {
                    requests.watches += value;
                }
                _ => {}
            }
        }
        requests
    }

    /// What came between.
    pub(crate) fn since(&self, before: &Self) -> Self {
        let mut difference = self.clone();
        difference.watches -= before.watches;
        subtract(&mut difference.totals, &before.totals);
        subtract(&mut difference.refused, &before.refused);
        difference
    }

    /// Adds those of another time.
    pub(crate) fn add(&mut self, other: &Self) {
        add(&mut self.totals, &other.totals);
        add(&mut self.refused, &other.refused);
    }

    /// Watches that are open, or became more.
    pub(crate) fn watches(&self) -> f64 {
        self.watches
    }

    /// Requests for these resources with these verbs.
    pub(crate) fn count(&self, resources: &[&str], verbs: &[&str]) -> f64 {
        count(&self.totals, resources, verbs)
    }

    /// Those of them that were answered with an error.
    pub(crate) fn refused(&self, resources: &[&str], verbs: &[&str]) -> f64 {
        count(&self.refused, resources, verbs)
    }

    /// Writes of these resources that were not answered with an error. An API server's own attempts to
    /// create what exists, one a minute, are among the others.
    pub(crate) fn written(&self, resources: &[&str]) -> f64 {
        self.count(resources, &WRITES) - self.refused(resources, &WRITES)
    }

    /// Names the resources, and how many writes of them were refused.
    pub(crate) fn written_detail(&self, resources: &[&str]) -> String {
        let refused = self.refused(resources, &WRITES);
        format!("{}; {refused} refused", resources.join(", "))
    }

    /// All writes, also those that were refused.
    pub(crate) fn writes(&self) -> f64 {
        self.by_resource()
            .values()
            .fold(0.0, |sum, count| sum + count)
    }

    /// `leases 12, pods/status 1`.
    pub(crate) fn writes_by_resource(&self) -> String {
        let parts: Vec<String> = self
            .by_resource()
            .into_iter()
            .map(|(resource, count)| format!("{resource} {count}"))
            .collect();
        parts.join(", ")
    }

    fn by_resource(&self) -> BTreeMap<&str, f64> {
        let mut written = BTreeMap::new();
        for ((resource, verb), count) in &self.totals {
            if WRITES.contains(&verb.as_str()) && *count > 0.0 {
                *written.entry(resource.as_str()).or_default() += count;
            }
        }
        written
    }
}

fn subtract(counts: &mut BTreeMap<Key, f64>, others: &BTreeMap<Key, f64>) {
    for (key, count) in counts {
        *count -= others.get(key).copied().unwrap_or_default();
    }
}

fn add(counts: &mut BTreeMap<Key, f64>, others: &BTreeMap<Key, f64>) {
    for (key, count) in others {
        *counts.entry(key.clone()).or_default() += count;
    }
}

fn count(counts: &BTreeMap<Key, f64>, resources: &[&str], verbs: &[&str]) -> f64 {
    let counted = counts.iter().filter(|((resource, verb), _)| {
        resources.contains(&resource.as_str()) && verbs.contains(&verb.as_str())
    });
    // The sum of no floats is -0.
    counted.fold(0.0, |sum, (_, count)| sum + count)
}

/// `name{label="value",…} 12`. No value of a label that is looked at has a comma in it.
fn sample(line: &str) -> Option<(&str, BTreeMap<&str, &str>, f64)> {
    let (metric, rest) = line.split_once('{')?;
    let (labels, value) = rest.rsplit_once("} ")?;
    let labels = labels.split(',').filter_map(|label| {
        let (name, value) = label.split_once("=\"")?;
        Some((name, value.strip_suffix('"')?))
    });
    Some((metric, labels.collect(), value.parse().ok()?))
}
