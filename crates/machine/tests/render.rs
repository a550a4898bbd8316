//! Pictures of machines: exact for one small machine, whole and well-formed for many, and deaf to what names say.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use serde_json::{Value, json};
use wardian_machine::Machine;
use wardian_machine::render::Render;

#[path = "xstate/generate.rs"]
mod generate;

fn machine(document: &Value) -> Machine {
    let text = serde_json::to_vec(document).unwrap();
    Machine::from_json(&text).unwrap_or_else(|error| panic!("{error}\n{document}"))
}

/// Every part of a picture once.
const ORDER: &str = r##"{
    "id": "order", "initial": "open",
    "states": {
        "open": {
            "entry": "greet",
            "on": {
                "pay": {"target": "paid", "guard": {"type": "ge", "path": "total", "value": 40}, "actions": "thank"},
                "note": {"actions": {"type": "assign", "assignment": {"text": {"$event": "text"}}}}
            },
            "after": {"1000": "work"}
        },
        "work": {
            "type": "parallel", "invoke": {"src": "pack", "onDone": "paid", "onError": "open"},
            "states": {
                "a": {
                    "initial": "one",
                    "states": {"one": {"always": "two"}, "two": {"on": {"x": "two"}}, "h": {"history": "deep"}}
                },
                "b": {"on": {"leave": "#order.open", "again": "#order.work"}}
            }
        },
        "paid": {"type": "final"}
    }
}"##;

fn order() -> Machine {
    Machine::from_json(ORDER.as_bytes()).unwrap()
}

const ACTIVE: [&str; 5] = [
    "order",
    "order.work",
    "order.work.a",
    "order.work.a.two",
    "order.work.b",
];

#[test]
fn mermaid_of_a_small_machine() {
    insta::assert_snapshot!(Render::new(&order()).highlight(ACTIVE).mermaid(), @r##"
    stateDiagram-v2
        state "order" as s0 {
            [*] --> s1
            state "open<br/>entry / greet<br/>note / text #58;= event.text" as s1
            state "work<br/>invoke / pack" as s2 {
                state "a" as s3 {
                    [*] --> s4
                    state "one" as s4
                    state "two" as s5
                    state "H#42;" as s6
                }
                --
                state "b<br/>again → work" as s7
            }
            state "paid" as s8
            s8 --> [*]
        }
        s1 --> s8 : pay [total ge 40] / thank
        s1 --> s2 : after 1000 ms
        s2 --> s8 : done (pack)
        s2 --> s1 : error (pack)
        s4 --> s5 : always
        s5 --> s5 : x
        s7 --> s1 : leave
        classDef active fill:#fde68a,stroke:#b45309,color:#1f2937
        class s5,s7 active
        classDef around stroke:#b45309,stroke-width:2px
        class s0,s2,s3 around
    "##);
}

#[test]
fn dot_of_a_small_machine() {
    insta::assert_snapshot!(Render::new(&order()).highlight(ACTIVE).dot(), @r##"
    digraph machine {
        compound=true; newrank=true; rankdir=TB; fontname="sans-serif";
        node [shape=box, style=rounded, fontname="sans-serif", fontsize=12];
        edge [fontname="sans-serif", fontsize=10];
        subgraph cluster_0 {
            label="order"; style=rounded; color="#b45309"; penwidth=2;
            a0 [shape=point, style=invis, label=""];
            d0 [shape=point, width=0.12, label=""];
            s1 [label="open\nentry / greet\nnote / text := event.text"];
            subgraph cluster_2 {
                label="work\ninvoke / pack"; style=rounded; color="#b45309"; penwidth=2;
                a2 [shape=point, style=invis, label=""];
                subgraph cluster_3 {
                    label="a"; style="rounded,dashed"; color="#b45309"; penwidth=2;
                    a3 [shape=point, style=invis, label=""];
                    d3 [shape=point, width=0.12, label=""];
                    s4 [label="one"];
                    s5 [label="two", style="rounded,filled", fillcolor="#fde68a", color="#b45309"];
                    s6 [label="H*", shape=circle, style="solid"];
                }
                s7 [label="b", style="rounded,dashed,filled", fillcolor="#fde68a", color="#b45309"];
            }
            s8 [label="paid", shape=oval, peripheries=2, style="solid"];
        }
        d0 -> s1;
        d3 -> s4;
        s1 -> s8 [label="pay [total ge 40] / thank"];
        s1 -> a2 [label="after 1000 ms", lhead=cluster_2];
        a2 -> s8 [label="done (pack)", ltail=cluster_2];
        a2 -> s1 [label="error (pack)", ltail=cluster_2];
        s4 -> s5 [label="always"];
        s5 -> s5 [label="x"];
        s7 -> s1 [label="leave"];
        s7 -> a2 [label="again"];
    }
    "##);
}

#[test]
fn svg_of_a_small_machine() {
    let door = br#"{
        "id": "door", "initial": "shut",
        "states": {"shut": {"on": {"push": {"target": "open", "guard": "unlocked"}}}, "open": {"type": "final"}}
    }"#;
    let door = Machine::from_json(door).unwrap();
    insta::assert_snapshot!(Render::new(&door).highlight(["door", "door.shut"]).svg().unwrap(), @r##"
    <svg xmlns="http://www.w3.org/2000/svg" role="img" width="150.5" height="269.2" viewBox="0 0 150.5 269.2" font-family="system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif">
    <title>State machine door</title>
    <style>@media (prefers-color-scheme: dark) {.canvas { fill: #0f172a } .leaf { fill: #1e293b } .line { stroke: #94a3b8 } .solid { fill: #94a3b8 } .text { fill: #e2e8f0 } .rim { stroke: #0f172a } .on { fill: #78350f } .on-line { stroke: #fbbf24 } }</style>
    <defs><marker id="arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="solid" d="M0 0.5L8 4L0 7.5Z" fill="#475569"/></marker></defs>
    <rect class="canvas" width="150.5" height="269.2" fill="#ffffff"/>
    <rect class="canvas on-line" x="12" y="12" width="126.5" height="245.2" rx="8" fill="#ffffff" stroke="#b45309" stroke-width="2"/>
    <circle class="solid" cx="75.3" cy="62" r="6" fill="#475569"/>
    <path class="line" d="M75.3 68L75.3 82Q75.3 90 75.3 98L75.3 112" fill="none" stroke="#475569" marker-end="url(#arrow)"/>
    <path class="line" d="M75.3 147.6L75.3 169.6Q75.3 177.6 75.3 185.6L75.3 207.6" fill="none" stroke="#475569" marker-end="url(#arrow)"/>
    <rect class="on on-line" x="43.3" y="112" width="64" height="35.6" rx="8" fill="#fde68a" stroke="#b45309" stroke-width="2"/>
    <text class="text" x="75.3" y="133.8" font-size="12" text-anchor="middle" fill="#0f172a" font-weight="600">shut</text>
    <rect class="leaf line" x="43.3" y="207.6" width="64" height="35.6" rx="17.8" fill="#f1f5f9" stroke="#475569" stroke-width="1"/>
    <rect class="leaf line" x="46.3" y="210.6" width="58" height="29.6" rx="14.8" fill="#f1f5f9" stroke="#475569" stroke-width="1"/>
    <text class="text" x="75.3" y="229.4" font-size="12" text-anchor="middle" fill="#0f172a" font-weight="600">open</text>
    <path class="on-line" d="M12 42H138.5" stroke="#b45309" stroke-opacity="0.4"/>
    <text class="text rim" x="75.3" y="31" font-size="12" text-anchor="middle" fill="#0f172a" font-weight="600" stroke="#ffffff" stroke-width="4" stroke-linejoin="round" paint-order="stroke">door</text>
    <rect class="canvas" x="30" y="169.6" width="90.5" height="16" rx="3" fill="#ffffff" fill-opacity="0.85"/>
    <text class="text" x="75.3" y="181.6" font-size="11" text-anchor="middle" fill="#0f172a">push [unlocked]</text>
    </svg>
    "##);
}

/// What every SVG must be: XML in which nothing acts and nothing is fetched, with places that are numbers.
fn check_svg(text: &str) -> Vec<String> {
    let document =
        roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut texts = Vec::new();
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        let known = [
            "svg", "title", "style", "defs", "marker", "path", "rect", "circle", "text",
        ];
        assert!(known.contains(&name), "{name}");
        assert_eq!(
            node.tag_name().namespace(),
            Some("http://www.w3.org/2000/svg")
        );
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(
                !name.starts_with("on") && !name.contains("href"),
                "{name}={value}"
            );
            assert!(
                !value.contains("NaN") && !value.contains("inf"),
                "{name}={value}"
            );
            assert!(
                !value.contains("url(") || value == "url(#arrow)",
                "{name}={value}"
            );
        }
        if name == "text" {
            texts.push(node.text().unwrap_or_default().to_owned());
        }
    }
    assert_eq!(text.matches("<style>").count(), 1);
    texts
}

/// Braces and quotes close, states and arrows are those of the machine.
fn check_texts(machine: &Machine, render: &Render<'_>) {
    let (mermaid, dot) = (render.mermaid(), render.dot());
    for text in [&mermaid, &dot] {
        let hidden = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(hidden), "{text}");
    }
    for line in mermaid.lines() {
        assert!(
            !line.contains("%%") && line.matches('"').count() % 2 == 0,
            "{line}"
        );
        let states = line.trim_start().starts_with("state \"");
        let others = [
            "}",
            "--",
            "[*] --> s",
            "s",
            "classDef ",
            "class s",
            "stateDiagram-v2",
        ];
        assert!(
            states
                || others
                    .iter()
                    .any(|other| line.trim_start().starts_with(other)),
            "{line}"
        );
    }
    let states = |line: &&str| line.trim_start().starts_with("state \"");
    assert_eq!(
        mermaid.lines().filter(states).count(),
        machine.state_count()
    );
    let opened = mermaid.lines().filter(|line| line.ends_with('{')).count();
    assert_eq!(
        opened,
        mermaid.lines().filter(|line| line.trim() == "}").count()
    );
    assert_eq!(
        dot.lines().filter(|line| line.ends_with('{')).count(),
        opened + 1
    );
}

#[test]
fn any_machine_can_be_drawn() {
    for seed in 0..400 {
        let machine = machine(&generate::case(seed)["machine"]);
        let ids: Vec<&str> = machine.state_ids().step_by(3).collect();
        let render = Render::new(&machine).highlight(ids);
        check_texts(&machine, &render);
        let svg = render
            .svg()
            .unwrap_or_else(|error| panic!("{seed}: {error}"));
        check_svg(&svg);
        // The layout counts through the life of the process; nothing of that may show.
        assert_eq!(svg, render.svg().unwrap(), "{seed}");
        assert_eq!(render.dot(), render.dot());
    }
}

/// Texts that mean something in one of the formats, or nothing good anywhere.
const HOSTILE: [&str; 22] = [
    "</text><script>alert(1)</script>",
    "\" onload=\"alert(1)",
    "a --> b",
    "]]>",
    "<!--",
    "&amp;&#x0;&xxe;",
    "%%{init: {\"theme\": \"x\"}}%%",
    "\"]; evil [label=\"",
    "\\",
    "\\\"",
    "\\N\\G",
    "line\nbreak\r\ttab",
    "\u{0}\u{1}\u{7f}\u{85}\u{2028}",
    "\u{202e}gnp.exe\u{200b}\u{feff}\u{fffe}\u{ffff}",
    "s0 : x; s1 --> s2",
    "#quot;#lt;b#gt;",
    "ﬂ°°60¶ßimg src=x onerror=alert(1)ﬂ°°62¶ß",
    "state \"x\" as s0 {\n}",
    "[*]",
    "日本語のとても長い状態の名前がここにあります日本語のとても長い状態の名前がここにあります日本語のとても長い",
    "}",
    "--",
];

#[test]
fn names_are_never_syntax() {
    for name in HOSTILE {
        let document = json!({
            "id": name, "initial": name,
            "states": {
                (name): {
                    "entry": [name, {"type": name, "params": {(name): name}}, {"type": "assign", "assignment": {(name): name}}],
                    "invoke": {"src": name, "id": name, "onDone": {"actions": name}},
                    "always": {"target": "other", "guard": {"type": name, "params": name}},
                    "after": {"wait": {"actions": {"type": "raise", "event": name}}},
                },
                "other": {"on": {"go": {"target": "other", "guard": {"type": "eq", "path": name, "value": name}}}},
            },
        });
        let machine = machine(&document);
        let render = Render::new(&machine).highlight([name]);
        check_texts(&machine, &render);
        let texts = check_svg(&render.svg().unwrap()).join("\n");
        let hidden =
            |c: char| c.is_control() && c != '\n' || "\u{202e}\u{200b}\u{feff}\u{fffe}".contains(c);
        assert!(!texts.contains(hidden), "{texts}");
        for line in render.dot().lines() {
            // Outside of quotes there are only names of ours.
            let mut outside = String::new();
            let (mut is_quoted, mut characters) = (false, line.chars());
            while let Some(character) = characters.next() {
                match character {
                    '\\' if is_quoted => drop(characters.next()),
                    '"' => is_quoted = !is_quoted,
                    plain if !is_quoted => outside.push(plain),
                    _ => {}
                }
            }
            assert!(
                !is_quoted && !outside.contains("evil") && !outside.contains('<'),
                "{line}"
            );
        }
    }
}

#[test]
fn long_texts_are_cut() {
    let long = "x".repeat(100_000);
    let document = json!({
        "id": long, "initial": "a",
        "states": {"a": {"entry": long, "on": {(long.clone()): {"target": "a", "guard": long, "actions": long}}}},
    });
    let machine = machine(&document);
    let render = Render::new(&machine);
    for text in [render.mermaid(), render.dot(), render.svg().unwrap()] {
        assert!(text.len() < 8_000, "{}", text.len());
        assert!(text.contains('…'));
    }
}

fn flat(states: usize, transitions: usize, target: impl Fn(usize) -> usize) -> Machine {
    let state = |ix: usize| {
        let own = (ix..transitions).step_by(states);
        let on: serde_json::Map<String, Value> = own
            .map(|number| {
                (
                    format!("e{number}"),
                    format!("#m.s{}", target(number) % states).into(),
                )
            })
            .collect();
        (format!("s{ix}"), json!({ "on": on }))
    };
    let states: serde_json::Map<String, Value> = (0..states).map(state).collect();
    machine(&json!({"id": "m", "initial": "s0", "states": states}))
}

#[test]
fn more_than_can_be_laid_out_is_refused() {
    let refused = |machine: &Machine| Render::new(machine).svg().unwrap_err().to_string();
    insta::assert_snapshot!(refused(&flat(500, 0, |n| n)), @"states: 501 where at most 500 can be drawn as SVG; DOT and Mermaid have no such limit");
    insta::assert_snapshot!(refused(&flat(300, 2_001, |n| n)), @"transitions: 2002 where at most 2000 can be drawn as SVG; DOT and Mermaid have no such limit");
    let number = |n: usize| (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) as usize >> 20;
    insta::assert_snapshot!(refused(&flat(499, 1_998, number)), @"layers that arrows cross: 9446 where at most 8000 can be drawn as SVG; DOT and Mermaid have no such limit");
    let chain = |n: usize| n + 1;
    for machine in [
        flat(499, 0, chain),
        flat(499, 499, chain),
        flat(60, 200, number),
    ] {
        check_svg(&Render::new(&machine).svg().unwrap());
    }
}
