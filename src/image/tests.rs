//! What is in an image, and which programs may be.

use std::io::Read;

use super::*;

/// The machine's number, as it stands in an ELF header.
const X86_64: u16 = 62;
const AARCH64: u16 = 183;

/// The smallest file that is a program: a header, and parts of these types, each the whole file.
fn elf(machine: u16, parts: &[u32]) -> Vec<u8> {
    let size = u64::try_from(64 + 56 * parts.len()).unwrap();
    let mut elf = b"\x7fELF\x02\x01\x01\x00\0\0\0\0\0\0\0\0".to_vec();
    elf.extend(3_u16.to_le_bytes());
    elf.extend(machine.to_le_bytes());
    elf.extend([0; 12]);
    elf.extend(64_u64.to_le_bytes());
    elf.extend([0; 14]);
    elf.extend(56_u16.to_le_bytes());
    elf.extend(u16::try_from(parts.len()).unwrap().to_le_bytes());
    elf.resize(64, 0);
    for part in parts {
        let end = elf.len() + 56;
        elf.extend(part.to_le_bytes());
        elf.extend([0; 28]);
        elf.extend(size.to_le_bytes());
        elf.resize(end, 0);
    }
    elf
}

fn archive(program: &[u8], name: &str) -> Vec<u8> {
    let reference = name.parse().unwrap();
    let mut archive = Vec::new();
    Image::new(program, &reference)
        .unwrap()
        .write(&mut archive)
        .unwrap();
    archive
}

/// The files of a tar archive, in their order.
fn files(archive: &[u8]) -> Vec<(String, Header, Vec<u8>)> {
    let mut archive = tar::Archive::new(archive);
    let read = |entry: io::Result<tar::Entry<'_, &[u8]>>| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        let path = entry.path().unwrap().display().to_string();
        (path, entry.header().clone(), content)
    };
    archive.entries().unwrap().map(read).collect()
}

fn json(files: &[(String, Header, Vec<u8>)], path: &str) -> Value {
    let (_, _, content) = files.iter().find(|(found, _, _)| found == path).unwrap();
    serde_json::from_slice(content).unwrap()
}

#[test]
fn the_layer_has_the_program_alone_and_is_roots() {
    let program = elf(X86_64, &[1]);
    let files = files(&archive(&program, "vc.local/vc:v1"));
    let names = json(&files, "manifest.json");
    let layer = names[0]["Layers"][0].as_str().unwrap();
    let (_, _, layer) = files.iter().find(|(path, _, _)| path == layer).unwrap();
    let inside = super::tests::files(layer);
    let listed: Vec<_> = inside
        .iter()
        .map(|(path, header, _)| (path.as_str(), header.mode().unwrap()))
        .collect();
    assert_eq!(
        listed,
        [
            ("usr/", 0o755),
            ("usr/local/", 0o755),
            ("usr/local/bin/", 0o755),
            ("usr/local/bin/vc", 0o755)
        ]
    );
    for (path, header, _) in inside.iter().chain(&files) {
        let owner = (header.uid().unwrap(), header.gid().unwrap());
        assert_eq!((owner, header.mtime().unwrap()), ((0, 0), 0), "{path}");
    }
    assert_eq!(inside[3].2, program);
}

#[test]
fn both_forms_say_the_same() {
    let files = files(&archive(&elf(AARCH64, &[1]), "vc.local/team/vc:v1.2"));
    let path = |digest: &Value| digest.as_str().unwrap().replace("sha256:", "blobs/sha256/");
    let index = &json(&files, "index.json")["manifests"][0];
    let names = &json(&files, "manifest.json")[0];
    let manifest = json(&files, &path(&index["digest"]));
    assert_eq!(names["RepoTags"], json!(["vc.local/team/vc:v1.2"]));
    assert_eq!(
        index["annotations"],
        json!({
            "io.containerd.image.name": "vc.local/team/vc:v1.2",
            "org.opencontainers.image.ref.name": "v1.2",
        })
    );
    assert_eq!(
        names["Config"],
        json!(path(&manifest["config"]["digest"])),
        "one configuration"
    );
    assert_eq!(
        names["Layers"],
        json!([path(&manifest["layers"][0]["digest"])]),
        "one layer"
    );
    let config = json(&files, names["Config"].as_str().unwrap());
    assert_eq!(
        config["rootfs"]["diff_ids"],
        json!([manifest["layers"][0]["digest"]])
    );
    assert_eq!(
        (&config["os"], &config["architecture"]),
        (&json!("linux"), &json!("arm64"))
    );
    assert_eq!(
        config["config"],
        json!({
            "User": "65532:65532",
            "Env": ["PATH=/usr/local/bin"],
            "Entrypoint": ["/usr/local/bin/vc"],
            "WorkingDir": "/",
        })
    );
    let layout = json(&files, "oci-layout");
    assert_eq!(layout, json!({"imageLayoutVersion": "1.0.0"}));
}

#[test]
fn every_blob_is_named_by_its_digest_and_described_with_its_size() {
    let files = files(&archive(&elf(X86_64, &[1]), "vc.local/vc:v1"));
    let mut sizes = std::collections::BTreeMap::new();
    for (path, _, content) in &files {
        let Some(name) = path
            .strip_prefix("blobs/sha256/")
            .filter(|name| !name.is_empty())
        else {
            continue;
        };
        assert_eq!(HEXLOWER.encode(&Sha256::digest(content)), name);
        sizes.insert(format!("sha256:{name}"), content.len());
    }
    assert_eq!(sizes.len(), 3);
    let index = &json(&files, "index.json")["manifests"][0];
    let digest = index["digest"].as_str().unwrap();
    let manifest = json(&files, &format!("blobs/{}", digest.replace(':', "/")));
    for described in [index, &manifest["config"], &manifest["layers"][0]] {
        let size = sizes[described["digest"].as_str().unwrap()];
        assert_eq!(described["size"], json!(size));
    }
}

#[test]
fn the_same_program_gives_the_same_archive_for_ever() {
    let archive = archive(&elf(X86_64, &[1]), "vc.local/vc:v1");
    assert_eq!(
        digest(&[&archive]),
        "sha256:f4d7bfcaf6abf737b1fe312875320de08598d62f9c535beb398ad7767165a427",
        "if this is meant, every user's image of the same program gets another digest"
    );
}

#[test]
fn a_program_of_any_length_ends_on_a_whole_block() {
    for more in [0, 1, 391, 392, 393, 511, 512] {
        let mut program = elf(X86_64, &[1]);
        program.resize(program.len() + more, 7);
        let files = files(&archive(&program, "vc.local/vc:v1"));
        let (_, _, layer) = files.last().unwrap();
        assert_eq!(layer.len() % BLOCK, 0, "{more}");
        assert!(layer.ends_with(&[0; 2 * BLOCK]), "{more}");
        assert_eq!(super::tests::files(layer)[3].2, program);
    }
}

#[test]
fn what_cannot_run_alone_is_refused() {
    let inspect = |bytes: &[u8]| program::inspect(bytes);
    let good = elf(X86_64, &[6, 1]);
    assert_eq!(inspect(&good), Ok(Architecture::Amd64));
    assert_eq!(inspect(&elf(AARCH64, &[1])), Ok(Architecture::Arm64));
    assert_eq!(inspect(&elf(X86_64, &[1, 3])), Err(ProgramError::Dynamic));
    assert_eq!(inspect(&elf(40, &[1])), Err(ProgramError::Machine));
    assert_eq!(inspect(&elf(X86_64, &[])), Err(ProgramError::NotLinux));
    for foreign in [&b""[..], b"MZ\x90", b"\xcf\xfa\xed\xfe", b"#!/bin/sh\n"] {
        assert_eq!(inspect(foreign), Err(ProgramError::NotLinux));
    }
    let mut free_bsd = good.clone();
    free_bsd[7] = 9;
    assert_eq!(inspect(&free_bsd), Err(ProgramError::NotLinux));
    let mut object = good.clone();
    object[16] = 1;
    assert_eq!(inspect(&object), Err(ProgramError::NotLinux));
}

#[test]
fn a_header_that_lies_is_not_believed() {
    let good = elf(X86_64, &[6, 1]);
    for length in 18..good.len() {
        assert_eq!(
            program::inspect(&good[..length]),
            Err(ProgramError::CutShort),
            "{length}"
        );
    }
    for offset in 32..good.len() {
        let mut bad = good.clone();
        bad[offset] = 0xff;
        // Whatever it says, it is no panic.
        let _ = program::inspect(&bad);
    }
}

#[test]
fn a_name_has_registry_and_tag() {
    let parse = |text: &str| text.parse::<Reference>();
    for (name, tag) in [
        ("vc.local/vc:v0.1.0", "v0.1.0"),
        ("localhost:5000/a/b_c/vc:latest", "latest"),
        ("localhost/vc:1", "1"),
        ("[::1]:5000/vc:1", "1"),
    ] {
        let reference = parse(name).unwrap();
        assert_eq!((reference.as_str(), reference.tag()), (name, tag));
    }
    for (short, full) in [
        ("vc", "docker.io/library/vc:latest"),
        ("vc:1", "docker.io/library/vc:1"),
        ("me/vc:1", "docker.io/me/vc:1"),
        ("example.com/vc", "example.com/vc:latest"),
        ("example.com:5000/vc", "example.com:5000/vc:latest"),
    ] {
        let (short, full) = (short.to_owned(), full.to_owned());
        assert_eq!(
            parse(&short),
            Err(ReferenceError::Short {
                short: short.clone(),
                full
            })
        );
    }
    for bad in [
        "",
        ":1",
        "example.com/:1",
        "example.com/VC:1",
        "example.com/vc:",
        "example.com/vc:a b",
        "example.com/vc@sha256:00",
        "https://example.com/vc:1",
        "example.com/vc:-1",
    ] {
        assert_eq!(parse(bad), Err(ReferenceError::Malformed(bad.to_owned())));
    }
}

#[test]
fn a_build_that_is_no_release_has_a_name_of_its_own() {
    assert!(local_name().parse::<Reference>().is_ok());
    assert!(built_in().is_none_or(|name| name.parse::<Reference>().is_ok()));
}

#[test]
fn a_name_has_a_registry_a_repository_and_a_tag() {
    for (text, host, repository, tag) in [
        ("example.com/vc", "example.com", "vc", "v0"),
        (
            "example.com:5000/a/b/vc:v1",
            "example.com:5000",
            "a/b/vc",
            "v1",
        ),
        ("localhost:5000/vc", "localhost:5000", "vc", "v0"),
    ] {
        let name = Reference::with_tag(text, "v0").unwrap();
        let found = (name.host(), name.repository(), name.tag());
        assert_eq!(found, (host, repository, tag));
    }
    for short in ["vc", "me/vc", "vc:v1"] {
        let error = Reference::with_tag(short, "v0").unwrap_err();
        assert!(matches!(error, ReferenceError::Short { .. }), "{error}");
    }
    for wrong in [
        "example.com/Vc",
        "example.com/vc@sha256:ab",
        "me:pw@example.com/vc",
        "a.b/",
    ] {
        let error = Reference::with_tag(wrong, "v0").unwrap_err();
        assert!(matches!(error, ReferenceError::Malformed(_)), "{wrong}");
    }
}

#[test]
fn a_registry_gets_the_parts_that_the_archive_has() {
    let program = elf(X86_64, &[1]);
    let reference = "example.com/vc:v1".parse().unwrap();
    let contents = Image::new(&program, &reference)
        .unwrap()
        .contents()
        .unwrap();
    let files = files(&archive(&program, "example.com/vc:v1"));
    for part in [contents.layer, contents.config, contents.manifest] {
        let path = blob_path(&part.digest);
        let (_, _, content) = files.iter().find(|(found, _, _)| *found == path).unwrap();
        assert_eq!(*content, part.bytes);
    }
}
