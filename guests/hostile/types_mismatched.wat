;; expect: load.invalid

;; Adds a float to nothing.
(module (func (export "run") (result i32) (f32.add)))
