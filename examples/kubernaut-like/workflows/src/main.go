// Service workflows runs the steps of a remedy.
package main

func main() { println("workflows") }
