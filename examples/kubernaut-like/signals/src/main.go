// Service signals makes signals of alerts.
package main

func main() { println("signals") }
