; A pointer made of an integer: into the program's own heap, where it works, or wherever the argument says.
target triple = "wasm32-unknown-wasi"

@written = private constant [9 x i8] c"written\0A\00"

declare ptr @malloc(i32)
declare i32 @atoi(ptr)
declare i32 @puts(ptr)
declare i32 @printf(ptr, ...)

define i32 @main(i32 %count, ptr %arguments) {
entry:
  %block = call ptr @malloc(i32 4096)
  %address = ptrtoint ptr %block to i32
  %own = add i32 %address, 1000
  %given = icmp sgt i32 %count, 1
  br i1 %given, label %elsewhere, label %here
elsewhere:
  %second = getelementptr ptr, ptr %arguments, i32 1
  %text = load ptr, ptr %second
  %number = call i32 @atoi(ptr %text)
  br label %store
here:
  br label %store
store:
  %place = phi i32 [ %number, %elsewhere ], [ %own, %here ]
  %pointer = inttoptr i32 %place to ptr
  store volatile i32 42, ptr %pointer
  %back = load volatile i32, ptr %pointer
  %done = call i32 (ptr, ...) @printf(ptr @written)
  ret i32 %back
}
