// Service analysis asks the model what is wrong.
package main

func main() { println("analysis") }
