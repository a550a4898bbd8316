;; expect: load.proposal component-model-error-context

;; An error context.
(component
  (core func $drop (canon error-context.drop)))
