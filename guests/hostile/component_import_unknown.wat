;; expect: link.missing evil:host/shell

;; Asks for an interface that nobody has.
(component
  (import "evil:host/shell@1.0.0" (instance $shell (export "run" (func (param "command" string)))))
  (core module $m (func (export "run")))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run"))))
