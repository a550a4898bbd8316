//! `wardian policy inspect`: what an artifact says of itself, whose signature lies beside it, and what is in it.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use wardian_policy::artifact::{Artifact, ArtifactError, PublicKey, Signature, Source, Trust};
use wardian_sandbox::inspect::{Kind, ModuleInfo, inspect};
use wardian_sandbox::text::clean;

use super::{Trusted, signature_of, signer_text};
use crate::commands::module::inspect as module;
use crate::output;
use crate::show;

/// Characters of what is wrong with a signature that are shown.
const WRONG_CHARS_MAX: usize = 500;

/// Show what an artifact says of itself.
#[derive(Debug, Args)]
#[command(after_help = "\
What it says of itself is its maker's word; whoever pins it, answers for it. The signature is
looked for beside it, as POLICY.wasm.sig. Actions that are declared static are allowed by a
host without asking.

Examples:
  wardian policy inspect shop.wasm
  wardian policy inspect shop.wasm --trust ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
  wardian policy inspect shop.wasm --json | jq -r .digest")]
pub(super) struct InspectArgs {
    /// The artifact
    #[arg(value_name = "POLICY.wasm")]
    policy: PathBuf,
    #[command(flatten)]
    trusted: Trusted,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// What came of the signature.
struct Signed {
    signer: Option<PublicKey>,
    /// Why it does not count for this artifact.
    wrong: Option<String>,
    /// Whether its signer is trusted; none where nobody is named.
    trusted: Option<bool>,
}

pub(super) fn run(args: &InspectArgs) -> anyhow::Result<()> {
    let trust = args.trusted.read()?;
    let artifact = Artifact::read(&args.policy)?;
    let info = inspect(artifact.bytes())?;
    let signed = match signature_of(&args.policy) {
        Ok(None) => None,
        Ok(Some(signature)) => Some(signed(&signature, &artifact, args, &trust)?),
        Err(error) => Some(Signed {
            signer: None,
            wrong: Some(shown(&error)),
            trusted: None,
        }),
    };
    if args.json {
        return output::print_json(&report(&artifact, &info, signed.as_ref()));
    }
    let name = show::path(&args.policy);
    output::print(&text(&name, &artifact, &info, signed.as_ref())?)
}

fn signed(
    signature: &Signature,
    artifact: &Artifact,
    args: &InspectArgs,
    trust: &Trust,
) -> anyhow::Result<Signed> {
    let signer = *signature.signer();
    // Whether it holds at all: by whom it says it is.
    let itself = Trust::new([signer]).map_err(ArtifactError::from)?;
    let wrong = match signature.verify(artifact, &itself) {
        Ok(_) => None,
        Err(error) => Some(shown(&ArtifactError::from(error))),
    };
    Ok(Signed {
        signer: Some(signer),
        wrong,
        trusted: (!args.trusted.is_empty()).then(|| trust.has(&signer)),
    })
}

fn shown(error: &ArtifactError) -> String {
    clean(error.to_string().as_bytes(), WRONG_CHARS_MAX)
}

fn kind(info: &ModuleInfo) -> &'static str {
    match info.kind {
        Kind::Core => "core module",
        Kind::Component => "component",
    }
}

fn source(artifact: &Artifact) -> &'static str {
    match artifact.meta().source {
        Some(Source::Document) => "a document",
        Some(Source::Rego) => "Rego",
        Some(Source::Rust) => "a Rust crate",
        Some(Source::Opa) => "OPA",
        None => "not said",
    }
}

fn text(
    name: &str,
    artifact: &Artifact,
    info: &ModuleInfo,
    signed: Option<&Signed>,
) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    let meta = artifact.meta();
    writeln!(out, "{name}: {}, {}", kind(info), show::bytes(info.bytes))?;
    writeln!(out, "digest     {}", artifact.digest())?;
    let unsaid = match meta.version {
        Some(_) => "",
        None => ", not said",
    };
    writeln!(out, "version    {}{unsaid}", artifact.version())?;
    writeln!(out, "source     {}", source(artifact))?;
    let pure = match meta.pure {
        true => "yes: its answers may be kept",
        false => "no",
    };
    writeln!(out, "pure       {pure}")?;
    if !meta.static_actions.is_empty() {
        let actions = meta.static_actions.join(", ");
        writeln!(out, "static     allow.static: {actions}")?;
    }
    signature(&mut out, signed)?;
    module::memories(&mut out, info)?;
    module::doors(&mut out, info)?;
    Ok(out)
}

fn signature(out: &mut String, signed: Option<&Signed>) -> std::fmt::Result {
    let Some(signed) = signed else {
        return writeln!(out, "signature  none");
    };
    if let Some(signer) = &signed.signer {
        writeln!(out, "signature  by {}", signer_text(signer))?;
    }
    let title = match signed.signer {
        Some(_) => "          ",
        None => "signature ",
    };
    if let Some(wrong) = &signed.wrong {
        return writeln!(out, "{title} does not match: {wrong}");
    }
    let trusted = match signed.trusted {
        None => "not checked against trusted keys",
        Some(true) => "its signer is trusted",
        Some(false) => "its signer is not trusted",
    };
    writeln!(out, "{title} matches, {trusted}")
}

fn report(artifact: &Artifact, info: &ModuleInfo, signed: Option<&Signed>) -> serde_json::Value {
    let meta = artifact.meta();
    let signature = signed.map(|signed| {
        json!({
            "signer": signed.signer,
            "key_id": signed.signer.map(|signer| signer.id()),
            "matches": signed.wrong.is_none(),
            "wrong": signed.wrong,
            "trusted": signed.trusted,
        })
    });
    json!({
        "kind": info.kind,
        "bytes": info.bytes,
        "digest": artifact.digest(),
        "version": artifact.version(),
        "version_said": meta.version.is_some(),
        "source": meta.source,
        "pure": meta.pure,
        "static": meta.static_actions,
        "signature": signature,
        "memories": info.memories,
        "exports": info.exports,
        "imports": info.imports,
    })
}
