
# What only the record knows: ids of sessions and names of agents.
_recount_with_record() {
    local cur="$2" prev="$3" kind="" word i
    local -a words=() found=() database=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word="${COMP_WORDS[i]}"
        case "$word" in
            --database)
                [[ "${COMP_WORDS[i + 1]}" == "=" ]] && ((i++))
                database=(--database "${COMP_WORDS[i + 1]}")
                ((i++))
                ;;
            -*) ;;
            *) words+=("$word") ;;
        esac
    done
    case "$prev" in
        --agent) kind=agents ;;
        --explain) kind=sessions ;;
        -*) ;;
        *)
            case "${words[0]} ${words[1]}" in
                @COMMANDS@) [[ "$cur" == -* ]] || kind=sessions ;;
            esac
            ;;
    esac
    if [[ -z "$kind" ]]; then
        _recount "$@"
        return
    fi
    # They are plain words, or are not told.
    mapfile -t found < <(command "$1" complete "${database[@]}" "$kind" -- "$cur" 2>/dev/null)
    COMPREPLY=("${found[@]}")
}
complete -F _recount_with_record -o nosort recount
