//! The custom section: what is written, what is read, and frames that lie.

use proptest::prelude::*;
use wardian_policy::artifact::{
    ARTIFACT_BYTES_MAX, Artifact, ArtifactMeta, SECTION_BYTES_MAX, SECTIONS_MAX, STATIC_BYTES_MAX,
    STATIC_MAX, SectionError, Source, read_section, write_section,
};

use crate::{EMPTY_COMPONENT, EMPTY_MODULE};

/// A section of any identifier; lengths below 128 in one byte.
fn section(id: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len();
    let bytes = [len & 0x7f | 0x80, len >> 7 & 0x7f | 0x80, len >> 14 & 0x7f];
    let mut out = vec![id];
    out.extend(bytes.map(|byte| u8::try_from(byte).unwrap()));
    out.extend(content);
    out
}

fn custom(name: &str, content: &[u8]) -> Vec<u8> {
    let name_bytes = [u8::try_from(name.len()).unwrap()];
    section(0, &[&name_bytes, name.as_bytes(), content].concat())
}

fn with(sections: &[Vec<u8>]) -> Vec<u8> {
    [EMPTY_MODULE.to_vec(), sections.concat()].concat()
}

fn said(content: &str) -> Result<ArtifactMeta, SectionError> {
    read_section(&with(&[custom("wardian:policy", content.as_bytes())]))
}

fn code(content: &str) -> &'static str {
    said(content).unwrap_err().code()
}

fn full() -> ArtifactMeta {
    ArtifactMeta {
        version: Some("1.2.3".parse().unwrap()),
        pure: true,
        source: Some(Source::Rego),
        static_actions: vec!["env.read".into(), "cache.read".into()],
    }
}

#[test]
fn a_section_is_written_as_the_format_says() {
    let content =
        br#"{"version":"1.2.3","pure":true,"source":"rego","static":["env.read","cache.read"]}"#;
    for empty in [EMPTY_MODULE, EMPTY_COMPONENT] {
        let size = u8::try_from(1 + 14 + content.len()).unwrap();
        let header = [0, size, 14];
        let expected = [empty, &header, b"wardian:policy", content].concat();
        let written = write_section(empty, &full()).unwrap();
        assert_eq!(written, expected);
        assert_eq!(read_section(&written), Ok(full()));
    }
    let nothing = write_section(EMPTY_MODULE, &ArtifactMeta::default()).unwrap();
    assert!(nothing.ends_with(b"wardian:policy{}"));
}

#[test]
fn a_section_that_is_there_is_replaced() {
    let between = with(&[
        custom("name", b"\0"),
        custom("wardian:policy", b"{\"pure\":true}"),
        custom("producers", b"\0"),
    ]);
    let written = write_section(&between, &full()).unwrap();
    assert_eq!(read_section(&written), Ok(full()));
    let others = with(&[custom("name", b"\0"), custom("producers", b"\0")]);
    assert!(written.starts_with(&others));
    assert_eq!(written, write_section(&others, &full()).unwrap());
    assert_eq!(written, write_section(&written, &full()).unwrap());
}

#[test]
fn the_engines_parser_sees_the_same() {
    let module = wat::parse_str(r#"(module (memory 1) (func (export "f")))"#).unwrap();
    let component = wat::parse_str(
        r#"(component (core module (@custom "wardian:policy" "{\22pure\22:true}")) (component (core module)))"#,
    )
    .unwrap();
    for binary in [module, component] {
        // A module inside speaks for itself alone.
        assert_eq!(read_section(&binary), Ok(ArtifactMeta::default()));
        let written = write_section(&binary, &full()).unwrap();
        wasmparser::validate(&written).unwrap();
        let mut depth = 0;
        let mut contents = Vec::new();
        for payload in wasmparser::Parser::new(0).parse_all(&written) {
            match payload.unwrap() {
                wasmparser::Payload::ModuleSection { .. }
                | wasmparser::Payload::ComponentSection { .. } => depth += 1,
                wasmparser::Payload::End(_) => depth -= 1,
                wasmparser::Payload::CustomSection(section)
                    if depth == 0 && section.name() == "wardian:policy" =>
                {
                    contents.push(section.data().to_vec());
                }
                _ => {}
            }
        }
        assert_eq!(contents.len(), 1);
        assert_eq!(read_section(&written), Ok(full()));
    }
}

#[test]
fn what_is_said_is_read_strictly() {
    assert_eq!(said("{}"), Ok(ArtifactMeta::default()));
    assert_eq!(said(r#" {"pure": false} "#), Ok(ArtifactMeta::default()));
    for (source, name) in [
        (Source::Document, "document"),
        (Source::Rego, "rego"),
        (Source::Rust, "rust"),
        (Source::Opa, "opa"),
    ] {
        let read = said(&format!(r#"{{"source": "{name}"}}"#)).unwrap();
        assert_eq!(read.source, Some(source));
    }
    for bad in [
        "",
        "null",
        "[]",
        r#"["1", true]"#,
        "{",
        "{}{}",
        "{} x",
        "\u{feff}{}",
        r#"{"wants": []}"#,
        r#"{"Pure": true}"#,
        r#"{"pure": true, "pure": false}"#,
        r#"{"version": "1", "version": "1"}"#,
        r#"{"pure": null}"#,
        r#"{"version": null}"#,
        r#"{"source": null}"#,
        r#"{"static": null}"#,
        r#"{"pure": 1}"#,
        r#"{"pure": "true"}"#,
        r#"{"version": 1}"#,
        r#"{"source": "Rego"}"#,
        r#"{"static": "env.read"}"#,
        r#"{"static": [1]}"#,
        r#"{"pure": true,}"#,
    ] {
        assert_eq!(code(bad), "artifact.section_json", "{bad}");
    }
    assert_eq!(code(r#"{"version": ""}"#), "artifact.version_empty");
    assert_eq!(code(r#"{"version": "1 0"}"#), "artifact.version_character");
    for bad in ["", "a b", "Env.read", "é"] {
        let text = format!(r#"{{"static": ["{bad}"]}}"#);
        assert_eq!(code(&text), "artifact.static_name", "{bad}");
    }
    assert_eq!(
        code(r#"{"static": ["a", "b", "a"]}"#),
        "artifact.static_twice"
    );
    let not_text = with(&[custom("wardian:policy", b"{\"version\":\"\xff\"}")]);
    let error = read_section(&not_text).unwrap_err();
    assert_eq!(error.code(), "artifact.section_json");
}

#[test]
fn frames_that_lie_are_refused() {
    for bad in [&b""[..], b"\0asm", b"\0asm\x02\0\0\0", b"\x7fELF\0\0\0\0"] {
        assert_eq!(read_section(bad), Err(SectionError::NotWasm));
        assert!(Artifact::from_bytes(bad.to_vec()).is_err());
        let written = write_section(bad, &full());
        assert_eq!(written, Err(SectionError::NotWasm));
    }
    let mine = custom("wardian:policy", b"{}");
    let twice = with(&[mine.clone(), section(1, b"\0"), mine.clone()]);
    assert_eq!(read_section(&twice), Err(SectionError::Twice));
    assert_eq!(write_section(&twice, &full()), Err(SectionError::Twice));
    assert_eq!(SectionError::Twice.code(), "artifact.section_twice");
    // The name's length may be written in five bytes; it is the same name.
    let long_way = [&b"\x8e\x80\x80\x80\x00wardian:policy"[..], b"{}"].concat();
    let hidden = with(&[mine.clone(), section(0, &long_way)]);
    assert_eq!(read_section(&hidden), Err(SectionError::Twice));

    let malformed = |tail: &[u8]| {
        let error = read_section(&[EMPTY_MODULE, tail].concat()).unwrap_err();
        assert_eq!(error.code(), "artifact.malformed", "{tail:?}");
    };
    malformed(&[0]);
    malformed(&[0, 0]);
    malformed(&[0, 0x80]);
    malformed(&[1, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    malformed(&[1, 0xff, 0xff, 0xff, 0xff, 0x1f]);
    malformed(&[1, 0x80, 0x80, 0x80, 0x80, 0x80, 0]);
    malformed(&[1, 2, 0]);
    malformed(&[0, 1, 5]);
    malformed(&[0, 2, 1, 0xff]);
    malformed(&[0, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    for cut in 1..mine.len() {
        malformed(&mine[..cut]);
    }
}

#[test]
fn limits_have_two_sides() {
    // The content's bytes.
    for (bytes, is_good) in [
        (SECTION_BYTES_MAX - 1, true),
        (SECTION_BYTES_MAX, true),
        (SECTION_BYTES_MAX + 1, false),
    ] {
        let content = format!("{{}}{}", " ".repeat(bytes - 2));
        let expected = match is_good {
            true => Ok(ArtifactMeta::default()),
            false => Err(SectionError::TooLarge { bytes }),
        };
        assert_eq!(said(&content), expected);
    }
    // Actions, and the bytes of one.
    let actions = |count: usize, bytes: usize| ArtifactMeta {
        static_actions: (0..count).map(|n| format!("{n:0bytes$}")).collect(),
        ..ArtifactMeta::default()
    };
    let both = |meta: ArtifactMeta| {
        let list = serde_json::to_string(&meta.static_actions).unwrap();
        let read = said(&format!(r#"{{"static": {list}}}"#));
        let written = write_section(EMPTY_MODULE, &meta).map(|_| meta);
        assert_eq!(read, written);
        read.map(|meta| meta.static_actions.len())
    };
    assert_eq!(both(actions(STATIC_MAX - 1, 8)), Ok(STATIC_MAX - 1));
    assert_eq!(both(actions(STATIC_MAX, 8)), Ok(STATIC_MAX));
    let count = STATIC_MAX + 1;
    let too_many = SectionError::StaticTooMany { count };
    assert_eq!(too_many.code(), "artifact.static_too_many");
    assert_eq!(both(actions(count, 8)), Err(too_many));
    assert_eq!(both(actions(1, STATIC_BYTES_MAX)), Ok(1));
    let too_long = both(actions(1, STATIC_BYTES_MAX + 1)).unwrap_err();
    assert_eq!(too_long.code(), "artifact.static_name");
    // All that is allowed by itself is too much together.
    let error = write_section(EMPTY_MODULE, &actions(STATIC_MAX, STATIC_BYTES_MAX)).unwrap_err();
    assert_eq!(error.code(), "artifact.section_too_large");
    // Sections.
    let sections = |count: usize| [EMPTY_MODULE.to_vec(), [0, 1, 0].repeat(count)].concat();
    assert!(read_section(&sections(SECTIONS_MAX)).is_ok());
    let error = read_section(&sections(SECTIONS_MAX + 1)).unwrap_err();
    assert_eq!(error, SectionError::TooManySections);
    assert_eq!(error.code(), "artifact.too_many_sections");
}

#[test]
fn an_artifact_has_a_largest_size() {
    let sized = |bytes: usize| {
        // One custom section that fills it: its identifier, five bytes of length, a name of no bytes.
        let size = bytes - EMPTY_MODULE.len() - 6;
        let mut length = [0x80_u8; 5];
        for (at, byte) in length.iter_mut().enumerate() {
            *byte |= u8::try_from(size >> (7 * at) & 0x7f).unwrap();
        }
        length[4] &= 0x7f;
        let mut out = [EMPTY_MODULE, &[0], &length].concat();
        out.resize(bytes, 0);
        out
    };
    let full_size = sized(ARTIFACT_BYTES_MAX);
    assert!(read_section(&full_size).is_ok());
    // There is no place left for anything to be said.
    let error = write_section(&full_size, &full()).unwrap_err();
    assert_eq!(error.code(), "artifact.too_large");
    let error = read_section(&sized(ARTIFACT_BYTES_MAX + 1)).unwrap_err();
    let bytes = ARTIFACT_BYTES_MAX + 1;
    assert_eq!(error, SectionError::ArtifactTooLarge { bytes });
}

proptest! {
    #[test]
    fn no_bytes_at_all_do_harm(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
        let module = [EMPTY_MODULE, &tail].concat();
        if let Ok(written) = write_section(&module, &full()) {
            prop_assert_eq!(read_section(&written), Ok(full()));
        }
    }

    #[test]
    fn what_was_written_is_read(
        version in proptest::option::of("[A-Za-z0-9._+-]{1,64}"),
        pure: bool,
        actions in proptest::collection::btree_set("[a-z0-9._-]{1,20}", 0..20),
    ) {
        let meta = ArtifactMeta {
            version: version.map(|text| text.parse().unwrap()),
            pure,
            source: None,
            static_actions: actions.into_iter().collect(),
        };
        let written = write_section(EMPTY_COMPONENT, &meta).unwrap();
        prop_assert_eq!(read_section(&written), Ok(meta));
    }
}
