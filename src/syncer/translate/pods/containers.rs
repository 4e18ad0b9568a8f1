//! Containers of every kind: their environment and their claims.
//!
//! In: containers of a virtual pod. Out: containers of the host pod, names still virtual (`references`
//! maps them). Never: a source of variables that is not on the list, a change to an image, a command or
//! a probe.

use serde_json::{Map, Value, json};

use super::super::Refusal;
use super::super::json::{object_mut, objects_mut, set_keys};
use super::references::CONTAINERS;
use super::{downward, refusal};

/// What a variable's value may come from. `fileKeyRef` names a file in a volume of the same pod.
const VALUE_FROM: [&str; 5] = [
    "fieldRef",
    "resourceFieldRef",
    "configMapKeyRef",
    "secretKeyRef",
    "fileKeyRef",
];

/// What all variables of a container may come from.
const ENV_FROM: [&str; 3] = ["prefix", "configMapRef", "secretRef"];

/// The fields of a reference to one key, and of one to all.
const REFERENCE: [&str; 3] = ["name", "key", "optional"];

/// Checks the containers of a spec, and gives them an environment.
///
/// # Errors
/// For a source of variables that is not on the list, and for a claim of a device.
pub(super) fn translate(
    spec: &mut Map<String, Value>,
    environment: &[(String, String)],
) -> Result<(), Refusal> {
    for list in CONTAINERS {
        for container in objects_mut(spec, list) {
            let name = container.get("name").and_then(Value::as_str);
            let name = name.unwrap_or_default().to_owned();
            refuse_claims(container, &name)?;
            check_env_from(container, &name)?;
            translate_env(container, &name)?;
            prepend(container, environment);
        }
    }
    Ok(())
}

fn refuse_claims(container: &Map<String, Value>, name: &str) -> Result<(), Refusal> {
    let claims = container.get("resources").and_then(|all| all.get("claims"));
    if claims.is_some_and(|claims| !claims.is_null() && claims != &json!([])) {
        let field = format!("container `{name}`: resources.claims");
        return Err(refusal::resource_claim(&field));
    }
    Ok(())
}

fn check_env_from(container: &mut Map<String, Value>, name: &str) -> Result<(), Refusal> {
    for from in objects_mut(container, "envFrom") {
        check_keys(from, &ENV_FROM, "envFrom", name)?;
    }
    Ok(())
}

fn translate_env(container: &mut Map<String, Value>, name: &str) -> Result<(), Refusal> {
    for variable in objects_mut(container, "env") {
        if let Some(from) = object_mut(variable, "valueFrom") {
            check_keys(from, &VALUE_FROM, "env.valueFrom", name)?;
            downward::field_ref(from);
        }
    }
    Ok(())
}

/// Refuses a source that is not on the list, or a field of one that names an object.
fn check_keys(
    from: &Map<String, Value>,
    known: &[&str],
    field: &str,
    container: &str,
) -> Result<(), Refusal> {
    let unknown = |path: String| {
        let why = format!("`{path}` does not work in a virtual cluster");
        refusal::environment(container, &why)
    };
    for key in set_keys(from) {
        if !known.contains(&key) {
            return Err(unknown(format!("{field}.{key}")));
        }
        let names_an_object = key.starts_with("configMap") || key.starts_with("secret");
        let content = from.get(key).filter(|_| names_an_object);
        let mut keys = content
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(set_keys);
        if let Some(inner) = keys.find(|inner| !REFERENCE.contains(inner)) {
            return Err(unknown(format!("{field}.{key}.{inner}")));
        }
    }
    Ok(())
}

/// Puts variables before the container's own, so that these can refer to them as `$(NAME)`. What the
/// container sets itself is left out.
///
/// One difference to the kubelet is left: there a variable from `envFrom` wins over one of a service,
/// but what is in there is not known here.
fn prepend(container: &mut Map<String, Value>, environment: &[(String, String)]) {
    let slot = container.entry("env").or_insert(Value::Null);
    let own = match slot.take() {
        Value::Array(own) => own,
        _ => Vec::new(),
    };
    let is_set = |name: &str| own.iter().any(|variable| variable["name"] == name);
    let mut env: Vec<Value> = environment
        .iter()
        .filter(|(name, _)| !is_set(name))
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    env.extend(own);
    *slot = env.into();
}
