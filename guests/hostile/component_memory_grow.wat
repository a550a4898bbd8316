;; expect: limit.memory
;; limits: memory=1MiB

;; A component that grows until it is refused, then gives up.
(component
  (core module $m
    (memory 1)
    (func (export "run")
      (loop $again
        (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      (unreachable)))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run"))))
