//! Programs of others, installed where the build is, once.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{Fallible, support::claude_corpus::truth};

const CCUSAGE: [&str; 2] = ["ccusage@20.0.24", "@ccusage/ccusage-linux-x64@20.0.24"];
const AGENTSVIEW: &str = "agentsview==0.46.1";
const PLAYWRIGHT: &str = "playwright-core@1.65.1";

/// `ccusage` by npm; the program itself, without the script that starts it.
pub fn ccusage() -> Fallible<PathBuf> {
    let folder = tool("ccusage")?;
    let program = folder.join("node_modules/@ccusage/ccusage-linux-x64/bin/ccusage");
    if !program.exists() {
        npm(&folder, &CCUSAGE)?;
        // The script that starts it would do so the first time.
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    }
    Ok(program)
}

/// `agentsview` by pip; the program itself, without the script that starts it.
pub fn agentsview() -> Fallible<PathBuf> {
    let folder = tool("agentsview")?;
    let program = folder.join("agentsview/bin/agentsview");
    if !program.exists() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"]).arg(&folder);
        run(pip.arg(AGENTSVIEW))?;
    }
    Ok(program)
}

/// `agentsview` with its data in a folder, and the transcripts of another.
pub fn agentsview_in(data: &Path, claude: &Path) -> Fallible<Command> {
    fs::create_dir_all(data)?;
    let mut command = Command::new(agentsview()?);
    command
        .stderr(Stdio::null())
        .env_clear()
        .env("HOME", data)
        .env("CLAUDE_CONFIG_DIR", claude)
        .env("CLAUDE_PROJECTS_DIR", claude.join("projects"))
        .env("AGENTSVIEW_DATA_DIR", data)
        .env("AGENTSVIEW_DISABLE_UPDATE_CHECK", "1")
        .env("AGENTSVIEW_TELEMETRY_ENABLED", "false");
    Ok(command)
}

/// The folder in which Node finds `playwright-core`, which drives a browser and brings none.
pub fn playwright() -> Fallible<PathBuf> {
    let modules = tool("playwright")?.join("node_modules/");
    if !modules.exists() {
        npm(&tool("playwright")?, &[PLAYWRIGHT])?;
    }
    Ok(modules)
}

/// Our prices as `ccusage` takes them. It counts an hour's cache write as two inputs, which is what
/// it costs.
pub fn ccusage_settings(file: &Path) -> Fallible {
    let price = |model: &str| {
        // Not where prices change, and not where a long prompt costs more.
        let prices = truth::prices(model, i64::MAX, 0)?;
        #[expect(clippy::cast_precision_loss, reason = "far less than 2^52")]
        let [input, read, write, _, output] = prices.map(|picodollars| picodollars as f64 / 1e12);
        let price = json!({
            "inputCostPerToken": input,
            "cacheReadInputTokenCost": read,
            "cacheCreationInputTokenCost": write,
            "outputCostPerToken": output,
        });
        Some((model.to_owned(), price))
    };
    let prices: serde_json::Map<String, Value> =
        truth::MODELS.into_iter().filter_map(price).collect();
    let settings = json!({ "claude": { "defaults": { "pricingOverrides": prices } } });
    Ok(fs::write(file, settings.to_string())?)
}

fn tool(name: &str) -> Fallible<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tools").join(name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn npm(folder: &Path, packages: &[&str]) -> Fallible {
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(folder);
    run(npm.args(packages))
}

fn run(command: &mut Command) -> Fallible {
    eprintln!("{command:?} …");
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}").into()) }
}
