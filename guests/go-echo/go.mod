module wardian.dev/guests/go-echo

go 1.24
