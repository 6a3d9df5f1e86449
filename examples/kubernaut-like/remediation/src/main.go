// Service remediation decides which remedy to run.
package main

func main() { println("remediation") }
