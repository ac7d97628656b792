// The smallest program in Swift: says something, and ends.

@main
struct Hello {
    static func main() {
        print("hello from Swift")
    }
}
