//! What our three entries say.
//!
//! In: an [`Entry`]. Out: the bodies of its cluster and its user, and names for them. Never: looks at
//! what a file says already.

use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Record;
use super::document::Body;

/// The cluster, user and context that are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What our three entries carry. Its `previous` is not looked at: what is recorded stays.
    pub record: Record,
    /// The context's name if the user asked for one.
    pub context_name: Option<String>,
    /// The virtual API server's certificate authority, PEM.
    pub certificate_authority: String,
    /// The credential plugin.
    pub exec: Exec,
}

/// The command that clients run for a credential before they dial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exec {
    /// Absolute path of the program.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Environment variables it gets besides the client's own.
    pub env: Vec<(String, String)>,
    /// What a client prints when the program is not there.
    pub install_hint: String,
}

impl Entry {
    /// `vc-NAME`, then with the namespace, then with a hash: as short as other entries allow.
    pub(super) fn names(&self) -> [String; 3] {
        let name = self.record.name.context();
        let digest = Sha256::digest(self.record.uid.as_bytes());
        let hash: String = HEXLOWER.encode(&digest).chars().take(8).collect();
        [
            name.clone(),
            format!("{name}.{}", self.record.namespace),
            format!("{name}-{hash}"),
        ]
    }

    /// Where the virtual API server is: always the local end of the tunnel.
    pub(super) fn cluster(&self) -> Body {
        let server = format!("https://127.0.0.1:{}", self.record.port);
        let certificate_authority = BASE64.encode(self.certificate_authority.as_bytes());
        [
            ("server".to_owned(), json!(server)),
            (
                "certificate-authority-data".to_owned(),
                json!(certificate_authority),
            ),
        ]
        .into_iter()
        .collect()
    }

    /// Who we are there: whoever the plugin says, so nothing secret.
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins>
    pub(super) fn user(&self) -> Body {
        let env = |(name, value): &(String, String)| json!({ "name": name, "value": value });
        let exec = json!({
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": self.exec.command,
            "args": self.exec.args,
            "env": self.exec.env.iter().map(env).collect::<Vec<Value>>(),
            "installHint": self.exec.install_hint,
            "interactiveMode": "IfAvailable",
            "provideClusterInfo": false,
        });
        [("exec".to_owned(), exec)].into_iter().collect()
    }
}
