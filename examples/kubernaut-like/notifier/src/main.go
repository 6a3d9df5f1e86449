// Service notifier tells people.
package main

func main() { println("notifier") }
