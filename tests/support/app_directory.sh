# app_directory.sh: a directory with an application and what surrounds it, for files.lua. Use: . it
#
# make_directory DIR    DIR/app with sub-directories, links and hidden files; DIR/outside
# show_directory DIR    every file with its size, every link

make_directory() {
    mkdir -p "$1/app/http/img" "$1/app/.git" "$1/app/empty" "$1/outside/www" \
        "$1/app/a/deep/tree/of/directories/without/short/names"
    printf 'index' >"$1/app/http/index.html"
    printf 'picture' >"$1/app/http/img/a b.png"
    printf 'return "a module", ...' >"$1/app/http/mod.lua"
    printf 'config' >"$1/app/.git/config"
    printf 'long' >"$1/app/a/deep/tree/of/directories/without/short/names/x"
    printf '100%%' >"$1/app/100%"
    printf 'secret' >"$1/outside/secret"
    printf 'page' >"$1/outside/www/page"
    ln -s ../outside/secret "$1/app/link"
    ln -s ../outside/www "$1/app/www"
    ln -s ../outside/made "$1/app/dangling"
    ln -s http "$1/app/inner"
    mkfifo "$1/app/pipe"
}

show_directory() {
    (cd "$1" && find . \( -type f -exec wc -c {} \; \) -o \( -type l -exec ls -1 {} \; \) | LC_ALL=C sort)
}
