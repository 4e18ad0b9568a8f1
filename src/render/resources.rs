//! How the containers share what the pod may have.
//!
//! In: [`Resources`] of the whole pod. Out: those of one container. Never: more than the whole
//! together, a share of nothing, a limit below its request.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::RenderError;
use crate::cluster::Resources;

/// One container's part of the pod's CPU and memory, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    cpu_percent: u64,
    memory_percent: u64,
}

/// Idle, the API server, the controller manager, etcd and the syncer hold 180–205, 26–36, 30 and up to
/// 8 MiB of anonymous memory, which is about 73 : 12 : 12 : 3. Some is moved from the first to the
/// others, which are killed sooner when they grow from a smaller base; the syncer, which keeps both
/// sides of every pod in about 10 KiB, has room for ten thousand within the default limit.
pub(super) const KUBE_APISERVER: Share = Share {
    cpu_percent: 55,
    memory_percent: 64,
};
/// See [`KUBE_APISERVER`].
pub(super) const ETCD: Share = Share {
    cpu_percent: 15,
    memory_percent: 14,
};
/// See [`KUBE_APISERVER`].
pub(super) const KUBE_CONTROLLER_MANAGER: Share = Share {
    cpu_percent: 20,
    memory_percent: 14,
};
/// See [`KUBE_APISERVER`].
pub(super) const SYNCER: Share = Share {
    cpu_percent: 10,
    memory_percent: 8,
};

/// The smallest whole of which 8 percent, the smallest share, are at least 1: 100 / 8, rounded up.
const LEAST: u64 = 13;

/// Refuses what cannot be shared out.
pub(super) fn check(resources: &Resources) -> Result<(), RenderError> {
    let amounts = [
        (
            "a CPU request in millicores",
            Some(resources.cpu_request_millicores),
        ),
        ("a CPU limit in millicores", resources.cpu_limit_millicores),
        (
            "a memory request in MiB",
            Some(resources.memory_request_mebibytes),
        ),
        ("a memory limit in MiB", resources.memory_limit_mebibytes),
    ];
    for (what, amount) in amounts {
        if let Some(found) = amount.filter(|&amount| amount < LEAST) {
            return Err(RenderError::TooLittle {
                what,
                found,
                least: LEAST,
            });
        }
    }
    Ok(())
}

/// One container's part.
pub(super) fn requirements(whole: &Resources, share: Share) -> ResourceRequirements {
    let requests = amounts(
        Some(whole.cpu_request_millicores),
        Some(whole.memory_request_mebibytes),
        share,
    );
    let limits = amounts(
        whole.cpu_limit_millicores,
        whole.memory_limit_mebibytes,
        share,
    );
    ResourceRequirements {
        requests: Some(requests),
        limits: Some(limits).filter(|limits| !limits.is_empty()),
        ..ResourceRequirements::default()
    }
}

fn amounts(
    millicores: Option<u64>,
    mebibytes: Option<u64>,
    share: Share,
) -> BTreeMap<String, Quantity> {
    let cpu = millicores.map(|whole| format!("{}m", part(whole, share.cpu_percent)));
    let memory = mebibytes.map(|whole| format!("{}Mi", part(whole, share.memory_percent)));
    [("cpu", cpu), ("memory", memory)]
        .into_iter()
        .filter_map(|(resource, amount)| Some((resource.to_owned(), Quantity(amount?))))
        .collect()
}

/// `percent` of `whole`, rounded down, so that parts never exceed the whole and a larger whole
/// never has a smaller part. Divided before it is multiplied, so that nothing overflows.
fn part(whole: u64, percent: u64) -> u64 {
    whole / 100 * percent + whole % 100 * percent / 100
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SHARES: [Share; 4] = [KUBE_APISERVER, ETCD, KUBE_CONTROLLER_MANAGER, SYNCER];

    fn resources(request: u64, limit: Option<u64>) -> Resources {
        Resources {
            cpu_request_millicores: request,
            cpu_limit_millicores: limit,
            memory_request_mebibytes: request,
            memory_limit_mebibytes: limit,
        }
    }

    fn number(amounts: Option<&BTreeMap<String, Quantity>>, resource: &str) -> u64 {
        let text = &amounts.unwrap()[resource].0;
        text.trim_end_matches(|c: char| !c.is_ascii_digit())
            .parse()
            .unwrap()
    }

    #[test]
    fn the_api_server_gets_most() {
        let whole = resources(1000, None);
        let requests = requirements(&whole, KUBE_APISERVER).requests.unwrap();
        assert_eq!(requests["cpu"], Quantity("550m".to_owned()));
        assert_eq!(requests["memory"], Quantity("640Mi".to_owned()));
        assert!(requirements(&whole, ETCD).limits.is_none());
    }

    #[test]
    fn an_amount_that_leaves_a_container_nothing_is_refused() {
        assert!(check(&resources(13, Some(13))).is_ok());
        let error = check(&resources(13, Some(12))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a CPU limit in millicores of 12 cannot be shared out to the control plane: at least 13 needed"
        );
    }

    proptest! {
        #[test]
        fn parts_are_something_and_never_exceed_the_whole(
            request in LEAST..=u64::MAX,
            more in 0..=u64::MAX,
        ) {
            let limit = request.saturating_add(more);
            let whole = resources(request, Some(limit));
            prop_assert!(check(&whole).is_ok());
            for resource in ["cpu", "memory"] {
                let (mut requested, mut limited) = (0_u64, 0_u64);
                for share in SHARES {
                    let part = requirements(&whole, share);
                    let request_part = number(part.requests.as_ref(), resource);
                    let limit_part = number(part.limits.as_ref(), resource);
                    prop_assert!(request_part > 0);
                    prop_assert!(request_part <= limit_part);
                    requested = requested.checked_add(request_part).unwrap();
                    limited = limited.checked_add(limit_part).unwrap();
                }
                prop_assert!(requested <= request);
                prop_assert!(limited <= limit);
            }
        }
    }
}
