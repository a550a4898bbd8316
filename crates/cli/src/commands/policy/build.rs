//! `wardian policy build`: a document, Rego, a crate or what OPA compiled becomes an artifact that says of itself what it is.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;
use wardian_policy::artifact::{
    Artifact, ArtifactError, ArtifactMeta, Source, Version, write_section,
};
use wardian_policy::make::{self, MakeError};

use super::checkers::{self, TEXT_BYTES_MAX};
use super::sources::{self, Sources};
use crate::exit::{Interrupted, Usage};
use crate::input;
use crate::interrupt::Interrupt;
use crate::output::{self, Target};
use crate::settings::Settings;
use crate::show;

/// The rule that decides, of Rego.
const ENTRYPOINT: &str = "data.wardian.policy.decision";

/// A module of nothing.
const EMPTY: &[u8] = b"\0asm\x01\0\0\0";

/// Make a policy.
#[derive(Debug, Args)]
#[command(disable_version_flag = true)]
#[command(after_help = "\
A `.json` file is a policy document; `.rego` files, or a folder with them, are Rego; a folder
with a Cargo.toml is a crate, whose build scripts run on this machine; a `.wasm` file is what
`opa build -t wasm` wrote. Data comes from `--data` alone. All that is wrong is shown at once.

Examples:
  wardian policy build shop.json --version 1.0.0 -o shop.wasm
  wardian policy build shop.json --form component --static cache.read -o shop.wasm
  wardian policy build rules/ --entrypoint data.shop.decision --data grants.json -o shop.wasm
  wardian policy build my-crate/ --pure -o shop.wasm
  wardian policy build bundle/policy.wasm --entrypoint shop/allow -o shop.wasm --json")]
pub(super) struct BuildArgs {
    /// What it is made of
    #[arg(required = true, value_name = "SRC")]
    sources: Vec<PathBuf>,
    /// Where it goes; `-` is standard output
    #[arg(short, long, value_name = "POLICY.wasm")]
    output: PathBuf,
    /// As a core module or as a component; a document has the choice
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "core|component"
    )]
    form: Option<Form>,
    /// Its version, such as 1.2.0
    #[arg(long, value_name = "V")]
    version: Option<Version>,
    /// It answers alike whenever it is asked, so that its answers may be kept
    #[arg(long)]
    pure: bool,
    /// An action that is allowed without asking it; may be given several times
    #[arg(long = "static", value_name = "ACTION", value_delimiter = ',')]
    static_actions: Vec<String>,
    /// The rule that decides: of Rego `data.…`, [default: data.wardian.policy.decision], of OPA its path
    #[arg(long, value_name = "NAME")]
    entrypoint: Option<String>,
    /// A data document for Rego and OPA
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Overwrite the output
    #[arg(long)]
    force: bool,
    /// What was made, as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Core,
    Component,
}

pub(super) fn run(
    args: &BuildArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let target = Target::of(&args.output);
    if target == Target::Stdout && args.json {
        let text = "`--json` and an artifact on standard output exclude each other";
        return Err(Usage::new(text).into());
    }
    let sources = Sources::of(&args.sources)?;
    refuse_what_has_no_use(args, &sources)?;
    let mut meta = said(args)?;
    output::check(&target, args.force)?;
    let (wasm, source) = made(args, &sources, settings, interrupt)?;
    meta.source = Some(source);
    let bytes = write_section(&wasm, &meta).map_err(ArtifactError::from)?;
    let artifact = Artifact::from_bytes(bytes).map_err(ArtifactError::from)?;
    if interrupt.hit() {
        return Err(Interrupted.into());
    }
    output::write(&target, args.force, artifact.bytes(), interrupt)?;
    match target {
        Target::Stdout => Ok(()),
        Target::File(_) => tell(args, &artifact),
    }
}

/// What it is to say of itself. Whether that can be said is looked at before the work.
fn said(args: &BuildArgs) -> anyhow::Result<ArtifactMeta> {
    let meta = ArtifactMeta {
        version: args.version.clone(),
        pure: args.pure,
        source: None,
        static_actions: args.static_actions.clone(),
    };
    let written = write_section(EMPTY, &meta);
    written.map_err(|error| {
        let text = format!("`--static` cannot be kept: {error}");
        Usage::new(text).hint("write actions such as `cache.read`, each once")
    })?;
    Ok(meta)
}

/// An option that would change nothing was meant to change something.
fn refuse_what_has_no_use(args: &BuildArgs, sources: &Sources) -> anyhow::Result<()> {
    let (what, has_entrypoint) = match sources {
        Sources::Document(_) => ("a document", false),
        Sources::Crate(_) => ("a crate", false),
        Sources::Rego(_) => ("Rego", true),
        Sources::Opa(_) => ("OPA", true),
    };
    let refused = match (args.form, sources) {
        (Some(Form::Component), Sources::Rego(_) | Sources::Opa(_)) => "--form component",
        (Some(Form::Core), Sources::Crate(_)) => "--form core",
        _ if args.entrypoint.is_some() && !has_entrypoint => "--entrypoint",
        _ if args.data.is_some() && !has_entrypoint => "--data",
        _ => return Ok(()),
    };
    let text = format!("`{refused}` is nothing for a policy of {what}");
    Err(Usage::new(text).hint("leave it out").into())
}

fn made(
    args: &BuildArgs,
    sources: &Sources,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<(Vec<u8>, Source)> {
    if let Sources::Crate(folder) = sources {
        let built = make::build_crate(folder, "cargo".as_ref()).map_err(MakeError::from)?;
        return Ok((built, Source::Rust));
    }
    let counted = checkers::sandbox(settings, interrupt)?;
    let (sandbox, data) = (&counted.sandbox, args.data.as_deref());
    let made = match sources {
        Sources::Document(file) => {
            let document = input::read(file, TEXT_BYTES_MAX)?;
            let core = make::from_document(sandbox, &document)?;
            let wasm = match args.form {
                Some(Form::Component) => make::componentize(&core).map_err(MakeError::from)?,
                Some(Form::Core) | None => core.into(),
            };
            (wasm, Source::Document)
        }
        Sources::Rego(files) => {
            let entrypoint = args.entrypoint.as_deref().unwrap_or(ENTRYPOINT);
            let wasm = sources::rego(sandbox, files, entrypoint, data)?;
            (wasm, Source::Rego)
        }
        Sources::Opa(file) => {
            let wasm = sources::opa(sandbox, file, args.entrypoint.as_deref(), data)?;
            (wasm, Source::Opa)
        }
        // Made above, without a sandbox.
        Sources::Crate(_) => return Err(Usage::new("a crate is made by cargo").into()),
    };
    Ok(made)
}

fn tell(args: &BuildArgs, artifact: &Artifact) -> anyhow::Result<()> {
    let (digest, version) = (artifact.digest(), artifact.version());
    let bytes = artifact.bytes().len() as u64;
    if args.json {
        return output::print_json(&json!({
            "ok": true,
            "output": show::path(&args.output),
            "digest": digest,
            "version": version,
            "bytes": bytes,
            "source": artifact.meta().source,
            "pure": artifact.meta().pure,
            "static": artifact.meta().static_actions,
        }));
    }
    let bytes = show::count(bytes);
    output::print(&format!(
        "digest   {digest}\nversion  {version}\nbytes    {bytes}\n"
    ))
}
