;; expect: link.missing wasi:filesystem/preopens

;; Asks for the files of the host, which nobody granted.
(component
  (import "wasi:filesystem/preopens@0.2.0" (instance $files
    (export "descriptor" (type $descriptor (sub resource)))
    (export "get-directories" (func (result (list (tuple (own $descriptor) string)))))))
  (core module $m (func (export "run")))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run"))))
