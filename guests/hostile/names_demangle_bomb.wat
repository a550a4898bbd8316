;; expect: trap unreachable
;; limits: deadline=1s

;; A C++ name of two hundred letters that stands for megabytes, ten times on the stack: whoever demangles it
;; without a limit works for half a minute after the guest has ended.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $"_Z1f1a1bIS_S_E1cIS1_S1_E1dIS3_S3_E1eIS5_S5_E1fIS7_S7_E1gIS9_S9_E1hISB_SB_E1iISD_SD_E1jISF_SF_E1kISH_SH_E1lISJ_SJ_E1mISL_SL_E1nISN_SN_E1oISP_SP_E1pISR_SR_E1qIST_ST_E1rISV_SV_E1sISX_SX_E1tISZ_SZ_E1uIS11_S11_E1vIS13_S13_E1wIS15_S15_E1xIS17_S17_E1yIS19_S19_E" (param $left i32)
    (if (i32.eqz (local.get $left)) (then (unreachable)))
    (call $"_Z1f1a1bIS_S_E1cIS1_S1_E1dIS3_S3_E1eIS5_S5_E1fIS7_S7_E1gIS9_S9_E1hISB_SB_E1iISD_SD_E1jISF_SF_E1kISH_SH_E1lISJ_SJ_E1mISL_SL_E1nISN_SN_E1oISP_SP_E1pISR_SR_E1qIST_ST_E1rISV_SV_E1sISX_SX_E1tISZ_SZ_E1uIS11_S11_E1vIS13_S13_E1wIS15_S15_E1xIS17_S17_E1yIS19_S19_E" (i32.sub (local.get $left) (i32.const 1))))
  (func (export "run") (call $"_Z1f1a1bIS_S_E1cIS1_S1_E1dIS3_S3_E1eIS5_S5_E1fIS7_S7_E1gIS9_S9_E1hISB_SB_E1iISD_SD_E1jISF_SF_E1kISH_SH_E1lISJ_SJ_E1mISL_SL_E1nISN_SN_E1oISP_SP_E1pISR_SR_E1qIST_ST_E1rISV_SV_E1sISX_SX_E1tISZ_SZ_E1uIS11_S11_E1vIS13_S13_E1wIS15_S15_E1xIS17_S17_E1yIS19_S19_E" (i32.const 10)))
  (func (export "eval") (param i32 i32) (result i64) (call $"_Z1f1a1bIS_S_E1cIS1_S1_E1dIS3_S3_E1eIS5_S5_E1fIS7_S7_E1gIS9_S9_E1hISB_SB_E1iISD_SD_E1jISF_SF_E1kISH_SH_E1lISJ_SJ_E1mISL_SL_E1nISN_SN_E1oISP_SP_E1pISR_SR_E1qIST_ST_E1rISV_SV_E1sISX_SX_E1tISZ_SZ_E1uIS11_S11_E1vIS13_S13_E1wIS15_S15_E1xIS17_S17_E1yIS19_S19_E" (i32.const 10)) (i64.const 0)))
