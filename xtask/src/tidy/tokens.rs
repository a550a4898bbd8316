//! Rules about code, judged on its tokens: so that comments and documentation may name what code may not.
//!
//! `unsafe` and the engine's name belong to `crates/sandbox` (guests and the peers' benchmark are other programs), and
//! no test is switched off.

use std::str::FromStr as _;

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};

use super::Finding;

/// Where `unsafe` and the engine's name may stand.
const MAY: &[&str] = &[
    "crates/sandbox/",
    "guests/",
    "sdk/",
    "fuzz/",
    "benches/peers/",
];
const ENGINE: &str = "wasmtime";
/// The checks name what they look for.
const NAMES_THE_ENGINE: &str = "xtask/";

pub(super) fn check(name: &str, text: &str) -> Vec<Finding> {
    let Ok(stream) = TokenStream::from_str(text) else {
        return vec![format!("{name}:1: is no Rust")];
    };
    let may = MAY.iter().any(|folder| name.starts_with(folder));
    let mut findings = Vec::new();
    walk(stream, &mut |found| {
        let (span, what) = match found {
            Found::Unsafe(span) if !may => (span, "`unsafe` outside of crates/sandbox"),
            Found::Engine(span) if !may && !name.starts_with(NAMES_THE_ENGINE) => {
                (span, "names the engine outside of crates/sandbox")
            }
            Found::Ignored(span) => (span, "a test is switched off; mend it or remove it"),
            _ => return,
        };
        findings.push(format!("{name}:{}: {what}", span.start().line));
    });
    findings
}

enum Found {
    Unsafe(Span),
    Engine(Span),
    Ignored(Span),
}

fn walk(stream: TokenStream, report: &mut impl FnMut(Found)) {
    let mut tokens = stream.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) => judge(&ident, report),
            TokenTree::Literal(literal) if literal.to_string().contains(ENGINE) => {
                report(Found::Engine(literal.span()))
            }
            TokenTree::Group(group) => walk(group.stream(), report),
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                tokens.next_if(
                    |next| matches!(next, TokenTree::Punct(bang) if bang.as_char() == '!'),
                );
                if let Some(TokenTree::Group(group)) = tokens.next_if(is_brackets) {
                    attribute(group.stream(), report);
                }
            }
            _ => {}
        }
    }
}

fn is_brackets(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket)
}

fn judge(ident: &Ident, report: &mut impl FnMut(Found)) {
    let word = ident.to_string();
    if word == "unsafe" {
        report(Found::Unsafe(ident.span()));
    }
    if word.starts_with(ENGINE) {
        report(Found::Engine(ident.span()));
    }
}

/// Documentation is an attribute too, and free to say anything.
fn attribute(stream: TokenStream, report: &mut impl FnMut(Found)) {
    let Some(TokenTree::Ident(first)) = stream.clone().into_iter().next() else {
        return;
    };
    match first.to_string().as_str() {
        "doc" => {}
        "ignore" => report(Found::Ignored(first.span())),
        // `cfg_attr(…, ignore)` hides it one level deeper.
        "cfg_attr" => {
            for word in inner_words(stream.clone()) {
                if word == "ignore" {
                    report(Found::Ignored(word.span()));
                }
            }
            walk(stream, report);
        }
        _ => walk(stream, report),
    }
}

fn inner_words(stream: TokenStream) -> Vec<Ident> {
    let mut words = Vec::new();
    for token in stream {
        match token {
            TokenTree::Ident(ident) => words.push(ident),
            TokenTree::Group(group) => words.extend(inner_words(group.stream())),
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::check;

    const OUTSIDE: &str = "crates/service/src/image.rs";

    #[test]
    fn unsafe_belongs_to_the_sandbox() {
        let code = "fn f() {\n    unsafe { g() }\n}\n";
        assert_eq!(
            check(OUTSIDE, code),
            [format!("{OUTSIDE}:2: `unsafe` outside of crates/sandbox")]
        );
        assert!(check("crates/sandbox/src/pool.rs", code).is_empty());
        assert!(
            check(
                "guests/services/image/src/lib.rs",
                "#[unsafe(no_mangle)]\nfn f() {}\n"
            )
            .is_empty()
        );
        assert_eq!(check(OUTSIDE, "#[unsafe(no_mangle)]\nfn f() {}\n").len(), 1);
        assert!(check(OUTSIDE, "#![deny(unsafe_code)]\n").is_empty());
    }

    #[test]
    fn the_engine_is_named_in_the_sandbox_and_in_prose() {
        assert_eq!(check(OUTSIDE, "use wasmtime::Engine;\n").len(), 1);
        assert_eq!(
            check(OUTSIDE, "const S: &str = \"wasmtime 48\";\n").len(),
            1
        );
        assert_eq!(check(OUTSIDE, "use wasmtime_wizer as w;\n").len(), 1);
        assert!(
            check(
                OUTSIDE,
                "//! Not wasmtime.\n/// wasmtime\nfn f() {} // wasmtime\n"
            )
            .is_empty()
        );
        assert!(check("crates/sandbox/src/engine.rs", "use wasmtime::Engine;\n").is_empty());
    }

    #[test]
    fn no_test_is_switched_off() {
        let tag = concat!("#[", "ignore]");
        assert_eq!(
            check(
                "crates/sandbox/tests/a.rs",
                &format!("#[test]\n{tag}\nfn f() {{}}\n")
            )
            .len(),
            1
        );
        assert_eq!(
            check(
                OUTSIDE,
                &format!(
                    "mod t {{ #[test] {} fn f() {{}} }}\n",
                    tag.replace(']', " = \"slow\"]")
                )
            )
            .len(),
            1
        );
        assert_eq!(
            check(OUTSIDE, "#[cfg_attr(unix, ignore)]\nfn f() {}\n").len(),
            1
        );
        assert!(check(OUTSIDE, "fn ignore() {}\n").is_empty());
    }

    #[test]
    fn what_is_no_rust_is_said() {
        assert_eq!(check(OUTSIDE, "fn f( {\n").len(), 1);
    }
}
