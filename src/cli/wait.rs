//! What `vc wait` may be told to wait for.

use std::ffi::OsStr;
use std::str::FromStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::error::Error;
use clap::{Arg, Command};

use crate::cluster::Wanted;

/// What `vc wait` waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// Pods can run in it.
    Ready,
    /// Nothing of it is left on the host.
    Deleted,
    /// A condition is met, or is not.
    Condition(Wanted),
}

impl FromStr for Aim {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            None if text == "ready" => Ok(Self::Ready),
            None if text == "deleted" => Ok(Self::Deleted),
            Some(("condition", wanted)) => wanted.parse().map(Self::Condition),
            _ => Err("it is neither `ready` nor `deleted` nor `condition=NAME`".to_owned()),
        }
    }
}

/// What help and completions offer.
const OFFERED: [(&str, &str); 10] = [
    ("ready", "Pods can run in it"),
    ("deleted", "Nothing of it is left on the host"),
    (
        "condition=Ready",
        "The host says that its control plane is ready",
    ),
    ("condition=StoreReady", "Its etcd is ready"),
    ("condition=APIServerReady", "Its API server is ready"),
    (
        "condition=ControllerManagerReady",
        "Its controller manager is ready",
    ),
    ("condition=SyncerReady", "Its syncer is ready"),
    ("condition=Paused", "It is scaled to nothing"),
    (
        "condition=Expired",
        "The time for which it was made is over",
    ),
    (
        "condition=Failed",
        "It cannot become ready without somebody's doing",
    ),
];

/// Reads an [`Aim`], which may be more than is offered: `condition=paused=false`.
#[derive(Debug, Clone)]
pub struct AimParser;

impl TypedValueParser for AimParser {
    type Value = Aim;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Aim, Error> {
        let parser = StringValueParser::new().try_map(|text| text.parse::<Aim>());
        parser.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(
            OFFERED
                .into_iter()
                .map(|(value, help)| PossibleValue::new(value).help(help)),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::ConditionType;

    #[test]
    fn every_condition_is_offered() {
        let conditions = ConditionType::ALL.map(|type_| format!("condition={type_}"));
        let offered = OFFERED.map(|(value, _)| value);
        assert_eq!(offered[2..], conditions);
        for offered in offered {
            assert!(offered.parse::<Aim>().is_ok(), "{offered}");
        }
    }
}
