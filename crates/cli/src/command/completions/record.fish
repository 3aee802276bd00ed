
# What only the record knows: plain words, or they are not told.
complete -c recount -n "__fish_seen_subcommand_from session; and __fish_seen_subcommand_from @COMMANDS@" -f -a "(command recount complete sessions -- (commandline -ct) 2>/dev/null)"
complete -c recount -n "__fish_seen_subcommand_from usage stats session" -l agent -r -f -a "(command recount complete agents -- (commandline -ct) 2>/dev/null)"
complete -c recount -n "__fish_seen_subcommand_from usage" -l explain -r -f -a "(command recount complete sessions -- (commandline -ct) 2>/dev/null)"
