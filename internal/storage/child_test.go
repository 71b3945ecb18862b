package storage_test

func child(name string) int { return 2 }
