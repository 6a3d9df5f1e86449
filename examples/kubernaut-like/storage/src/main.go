// Service storage keeps what happened.
package main

func main() { println("storage") }
