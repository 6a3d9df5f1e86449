// Service gateway takes signals in.
package main

func main() { println("gateway") }
