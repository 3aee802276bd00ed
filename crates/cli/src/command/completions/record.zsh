
# What only the record knows: plain words, or they are not told.
_recount_ask() {
    local -a found
    found=(${(f)"$(command recount complete "$1" -- "$PREFIX" 2>/dev/null)"})
    compadd -a found
}
_recount_sessions() { _recount_ask sessions }
_recount_agents() { _recount_ask agents }
