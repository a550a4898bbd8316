module wardian.dev/guests/guards/go

go 1.24
