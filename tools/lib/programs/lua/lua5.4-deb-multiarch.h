// Stands in for the header that Debian's rules write when they build the package: the folder of compiled Lua modules, of
// which there are none here.
#define DEB_HOST_MULTIARCH "wasm32-wasi"
