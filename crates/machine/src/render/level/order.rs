//! What lies above what in a level: edges that would close a cycle are turned.

use super::{Edge, Level};

/// With more layers to cross than this for all its edges, a level is ordered by distance.
const DEEP_BENDS_MAX: usize = 2_000;

/// Which edges run upwards.
///
/// By a walk into the depth, which keeps the way from the first state on straight. Where many edges lead everywhere, that
/// makes a long thin picture that costs minutes; there it goes by the distance from the first state.
pub(super) fn turned(level: &Level) -> Vec<bool> {
    let free = Level {
        nodes: level.nodes.clone(),
        edges: level
            .edges
            .iter()
            .filter(|edge| edge.is_up.is_none())
            .copied()
            .collect(),
    };
    let deep = by_depth(&free);
    let turned = match bends(&free, &deep) {
        0..=DEEP_BENDS_MAX => deep,
        _ => by_distance(&free),
    };
    let mut turned = turned.into_iter();
    let own = |edge: &Edge| edge.is_up.or_else(|| turned.next()).unwrap_or_default();
    level.edges.iter().map(own).collect()
}

/// For each node its edges, by their places, and where they lead.
fn out(level: &Level) -> Vec<Vec<(usize, usize)>> {
    let mut out: Vec<Vec<(usize, usize)>> = vec![Vec::new(); level.nodes.len()];
    for (place, edge) in level.edges.iter().enumerate() {
        if let (true, Some(out)) = (edge.from != edge.to, out.get_mut(edge.from)) {
            out.push((place, edge.to));
        }
    }
    out
}

fn by_depth(level: &Level) -> Vec<bool> {
    let out = out(level);
    let mut turned = vec![false; level.edges.len()];
    let (mut is_open, mut is_seen) = (vec![false; out.len()], vec![false; out.len()]);
    for start in 0..out.len() {
        if is_seen[start] {
            continue;
        }
        (is_seen[start], is_open[start]) = (true, true);
        let mut walk = vec![(start, 0)];
        while let Some((node, next)) = walk.last_mut() {
            let Some((edge, to)) = out[*node].get(*next).copied() else {
                is_open[*node] = false;
                walk.pop();
                continue;
            };
            *next += 1;
            if is_open[to] {
                turned[edge] = true;
            } else if !is_seen[to] {
                (is_seen[to], is_open[to]) = (true, true);
                walk.push((to, 0));
            }
        }
    }
    turned
}

fn by_distance(level: &Level) -> Vec<bool> {
    let out = out(level);
    let mut distances: Vec<Option<usize>> = vec![None; out.len()];
    for start in 0..out.len() {
        if distances[start].is_some() {
            continue;
        }
        distances[start] = Some(0);
        let mut open = std::collections::VecDeque::from([(start, 0)]);
        while let Some((node, distance)) = open.pop_front() {
            for (_, to) in &out[node] {
                if distances[*to].is_none() {
                    distances[*to] = Some(distance + 1);
                    open.push_back((*to, distance + 1));
                }
            }
        }
    }
    let key = |node: usize| (distances.get(node).copied().flatten(), node);
    let edges = level.edges.iter();
    edges.map(|edge| key(edge.from) > key(edge.to)).collect()
}

/// How many layers all edges cross together, at most: `dagre` makes it fewer where it can.
pub(super) fn bends(level: &Level, turned: &[bool]) -> usize {
    let edges = level
        .edges
        .iter()
        .zip(turned)
        .filter(|(edge, _)| edge.from != edge.to);
    let directed: Vec<(usize, usize, usize)> = edges
        .map(|(edge, is_turned)| match is_turned {
            true => (edge.to, edge.from, edge.layers.max(1)),
            false => (edge.from, edge.to, edge.layers.max(1)),
        })
        .collect();
    let nodes = level.nodes.len();
    let (mut waiting, mut out) = (vec![0_usize; nodes], vec![Vec::new(); nodes]);
    for (from, to, layers) in &directed {
        waiting[*to] += 1;
        out[*from].push((*to, *layers));
    }
    let mut layer = vec![0_usize; nodes];
    let mut free: Vec<usize> = (0..nodes).filter(|node| waiting[*node] == 0).collect();
    while let Some(node) = free.pop() {
        for (to, layers) in &out[node] {
            layer[*to] = layer[*to].max(layer[node] + layers);
            waiting[*to] -= 1;
            if waiting[*to] == 0 {
                free.push(*to);
            }
        }
    }
    let crossed = directed
        .iter()
        .map(|(from, to, _)| layer[*to].saturating_sub(layer[*from]));
    crossed.sum()
}
