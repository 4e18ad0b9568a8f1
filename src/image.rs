//! This program as a container image.
//!
//! In: the bytes of a program, a name. Out: an image archive, byte for byte the same for the same
//! input; or its parts, for a registry. Never: reads or writes a file, knows a clock.
//!
//! The archive is two forms in one, as `docker save` writes it: an OCI image layout and the older
//! `manifest.json` beside it, so that docker, podman, containerd, kind and skopeo all take it.
//! <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>
//! <https://github.com/moby/docker-image-spec/blob/main/spec.md>

mod program;
mod reference;
#[cfg(test)]
mod tests;

use std::io::{self, Read, Write};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{EntryType, Header};

pub use program::{Architecture, ProgramError};
pub use reference::{Reference, ReferenceError};

/// Where the program is in the image, and what is started.
pub const PROGRAM_PATH: &str = "/usr/local/bin/vc";

/// Who the program runs as: `nonroot` of the images that have no shell, as the control plane does.
const USER: &str = "65532:65532";

/// The directories on the way to the program.
const DIRECTORIES: [&str; 3] = ["usr/", "usr/local/", "usr/local/bin/"];

/// Every time in the image: with the real one, no two archives would be the same.
const EPOCH: &str = "1970-01-01T00:00:00Z";

/// What a tar archive is counted in.
const BLOCK: usize = 512;

/// A tar archive ends with two empty blocks; before them, the last file is filled up to a whole one.
const ZEROS: [u8; 3 * BLOCK] = [0; 3 * BLOCK];

/// The media type of [`Contents::manifest`].
pub const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE: &str = "application/vnd.oci.image.layer.v1.tar";
const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";

/// The image of the release that this is a build of; none for anybody else's build.
///
/// The variable is not `VC_IMAGE`, which the running program reads: whoever has that one set would
/// build it into the program.
pub fn built_in() -> Option<&'static str> {
    option_env!("VC_RELEASE_IMAGE").filter(|name| !name.is_empty())
}

/// The image's name when nobody gives it another: there is no such registry, so it is never pulled.
pub fn local_name() -> String {
    format!("vc.local/vc:v{}", env!("CARGO_PKG_VERSION"))
}

/// An image as a registry takes it: its parts, each under its digest.
#[derive(Debug, Clone)]
pub struct Contents {
    /// The one layer.
    pub layer: Content,
    /// How the program is to be run.
    pub config: Content,
    /// What names the other two; its digest is the image's.
    pub manifest: Content,
}

/// Bytes, and the digest that names them: `sha256:…`.
#[derive(Debug, Clone)]
pub struct Content {
    /// `sha256:…`.
    pub digest: String,
    /// What it is the digest of.
    pub bytes: Bytes,
}

/// An image that can be written.
#[derive(Debug)]
pub struct Image<'a> {
    program: &'a [u8],
    architecture: Architecture,
    reference: &'a Reference,
}

impl<'a> Image<'a> {
    /// The image of a program, under a name.
    ///
    /// # Errors
    /// When the program would not run in an image that has nothing but it.
    pub fn new(program: &'a [u8], reference: &'a Reference) -> Result<Self, ProgramError> {
        Ok(Self {
            program,
            architecture: program::inspect(program)?,
            reference,
        })
    }

    /// What the image is called.
    pub fn name(&self) -> &str {
        self.reference.as_str()
    }

    /// `linux/amd64`.
    pub fn platform(&self) -> String {
        format!("linux/{}", self.architecture)
    }

    /// The parts of the image: those that [`Image::write`] puts into the archive.
    ///
    /// # Errors
    /// When the layer cannot be laid out, which is a fault of ours.
    pub fn contents(&self) -> io::Result<Contents> {
        let layer = Layer::new(self.program)?;
        let config = Blob::new(&self.config(&layer.digest));
        let manifest = Blob::new(&manifest(&config, &layer));
        let mut bytes = Vec::with_capacity(layer.size());
        layer.read().read_to_end(&mut bytes)?;
        Ok(Contents {
            layer: Content {
                digest: layer.digest,
                bytes: bytes.into(),
            },
            config: config.into(),
            manifest: manifest.into(),
        })
    }

    /// Writes the archive, without holding more than the program in memory.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: impl Write) -> io::Result<()> {
        let layer = Layer::new(self.program)?;
        let config = Blob::new(&self.config(&layer.digest));
        let manifest = Blob::new(&manifest(&config, &layer));
        let index = self.index(&manifest).to_string();
        let names = self.names(&config, &layer).to_string();

        let mut archive = tar::Builder::new(out);
        for directory in ["blobs/", "blobs/sha256/"] {
            archive.append(&directory_entry(directory)?, io::empty())?;
        }
        for (path, content) in [
            ("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#),
            ("index.json", &index),
            ("manifest.json", &names),
            (&blob_path(&manifest.digest), &manifest.text),
            (&blob_path(&config.digest), &config.text),
        ] {
            let header = file_entry(path, 0o644, content.len())?;
            archive.append(&header, content.as_bytes())?;
        }
        let header = file_entry(&blob_path(&layer.digest), 0o644, layer.size())?;
        archive.append(&header, layer.read())?;
        archive.into_inner()?.flush()
    }

    /// How the program is to be run.
    fn config(&self, layer: &str) -> Value {
        json!({
            "architecture": self.architecture.to_string(),
            "os": "linux",
            "created": EPOCH,
            "config": {
                "User": USER,
                "Env": ["PATH=/usr/local/bin"],
                "Entrypoint": [PROGRAM_PATH],
                "WorkingDir": "/",
            },
            "rootfs": {"type": "layers", "diff_ids": [layer]},
            "history": [{"created": EPOCH, "created_by": "vc image save"}],
        })
    }

    /// What containerd reads the name from is its own annotation; the other one is OCI's, for the tag.
    fn index(&self, manifest: &Blob) -> Value {
        json!({
            "schemaVersion": 2,
            "mediaType": INDEX_TYPE,
            "manifests": [{
                "mediaType": MANIFEST_TYPE,
                "digest": manifest.digest,
                "size": manifest.text.len(),
                "platform": {
                    "architecture": self.architecture.to_string(),
                    "os": "linux",
                },
                "annotations": {
                    "io.containerd.image.name": self.reference.as_str(),
                    "org.opencontainers.image.ref.name": self.reference.tag(),
                },
            }],
        })
    }

    /// The form before OCI's.
    fn names(&self, config: &Blob, layer: &Layer<'_>) -> Value {
        json!([{
            "Config": blob_path(&config.digest),
            "RepoTags": [self.reference.as_str()],
            "Layers": [blob_path(&layer.digest)],
        }])
    }
}

fn manifest(config: &Blob, layer: &Layer<'_>) -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": descriptor(CONFIG_TYPE, &config.digest, config.text.len()),
        "layers": [descriptor(LAYER_TYPE, &layer.digest, layer.size())],
    })
}

fn descriptor(media_type: &str, digest: &str, size: usize) -> Value {
    json!({"mediaType": media_type, "digest": digest, "size": size})
}

/// A JSON document of the image, which is named by its digest.
struct Blob {
    text: String,
    digest: String,
}

impl Blob {
    fn new(content: &Value) -> Self {
        let text = content.to_string();
        let digest = digest(&[text.as_bytes()]);
        Self { text, digest }
    }
}

impl From<Blob> for Content {
    fn from(blob: Blob) -> Self {
        Self {
            digest: blob.digest,
            bytes: blob.text.into(),
        }
    }
}

/// The one layer, a tar archive of the program alone: all that stands around the program is a few
/// blocks, so the program is not copied.
struct Layer<'a> {
    before: Vec<u8>,
    program: &'a [u8],
    after: &'static [u8],
    digest: String,
}

impl<'a> Layer<'a> {
    fn new(program: &'a [u8]) -> io::Result<Self> {
        let mut before = Vec::with_capacity((DIRECTORIES.len() + 1) * BLOCK);
        for directory in DIRECTORIES {
            before.extend_from_slice(directory_entry(directory)?.as_bytes());
        }
        let path = PROGRAM_PATH.trim_start_matches('/');
        before.extend_from_slice(file_entry(path, 0o755, program.len())?.as_bytes());
        let padding = program.len().next_multiple_of(BLOCK) - program.len();
        let after = ZEROS.get(..padding + 2 * BLOCK).unwrap_or(&ZEROS);
        let digest = digest(&[&before, program, after]);
        Ok(Self {
            before,
            program,
            after,
            digest,
        })
    }

    fn size(&self) -> usize {
        self.before.len() + self.program.len() + self.after.len()
    }

    fn read(&self) -> impl Read + '_ {
        self.before.as_slice().chain(self.program).chain(self.after)
    }
}

/// `sha256:…` of these, one after the other.
fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    format!("sha256:{}", HEXLOWER.encode(&hash.finalize()))
}

/// Where a blob lies in the archive.
fn blob_path(digest: &str) -> String {
    format!("blobs/{}", digest.replace(':', "/"))
}

fn directory_entry(path: &str) -> io::Result<Header> {
    entry(path, EntryType::Directory, 0o755, 0)
}

fn file_entry(path: &str, mode: u32, size: usize) -> io::Result<Header> {
    entry(path, EntryType::Regular, mode, size)
}

/// Root's, and as old as time.
fn entry(path: &str, kind: EntryType, mode: u32, size: usize) -> io::Result<Header> {
    let mut header = Header::new_ustar();
    header.set_path(path)?;
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(u64::try_from(size).map_err(io::Error::other)?);
    header.set_cksum();
    Ok(header)
}
