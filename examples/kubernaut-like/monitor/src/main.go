// Service monitor measures whether remedies work.
package main

func main() { println("monitor") }
