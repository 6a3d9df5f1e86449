module platform.example/services

go 1.24
