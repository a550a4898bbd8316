//! The warnings of a test's process, as whoever reads the log sees them.

use std::sync::{Mutex, OnceLock, PoisonError};

/// Collects the warnings of this process.
pub fn warnings() -> &'static Mutex<Vec<String>> {
    static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
    static SET: OnceLock<()> = OnceLock::new();

    struct Collector;
    struct Text(String);

    impl tracing::field::Visit for Text {
        fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
            self.0.push_str(&format!("{}={value:?} ", field.name()));
        }
    }

    impl tracing::Subscriber for Collector {
        fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
            *metadata.level() <= tracing::Level::WARN
        }
        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, event: &tracing::Event<'_>) {
            let mut text = Text(String::new());
            event.record(&mut text);
            SEEN.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(text.0);
        }
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }

    SET.get_or_init(|| {
        tracing::subscriber::set_global_default(Collector).expect("the only one in this process");
    });
    &SEEN
}

/// Those that came while `f` ran. Other tests of the same process warn too: `about` is a word that is in ours alone.
pub fn told<T>(about: &str, f: impl FnOnce() -> T) -> (T, Vec<String>) {
    let count = || {
        warnings()
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    };
    let before = count();
    let value = f();
    let all = warnings().lock().unwrap_or_else(PoisonError::into_inner);
    let ours = all.iter().skip(before).filter(|text| text.contains(about));
    (value, ours.cloned().collect())
}
