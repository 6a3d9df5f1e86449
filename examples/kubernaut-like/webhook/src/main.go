// Service webhook admits or refuses changes.
package main

func main() { println("webhook") }
