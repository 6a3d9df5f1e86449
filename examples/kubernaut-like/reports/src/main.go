// Service reports writes the weekly report.
package main

func main() { println("reports") }
