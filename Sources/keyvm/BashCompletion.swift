// What bash's completion needs besides the argument parser's script: bash splits words at `=` and `@`, which stand
// inside words here (`--world=DIR`, `@NAME`).

enum BashCompletion {
    /// The line of the parser's script that registers its function.
    private static let registration = "complete -o filenames -F _keyvm keyvm"

    /// The script with words put together again before its function sees them; any other script as it is.
    static func mended(_ script: String) -> String {
        guard script.hasSuffix(registration) else { return script }
        return script.dropLast(registration.count) + wrapper
    }

    private static let wrapper = #"""
        # bash splits words at = and @, which stand inside words here: --world=DIR, @NAME. They are put together again
        # before _keyvm sees them.
        _keyvm_whole_words() {
            local -a whole=()
            local -i index here=0
            local word last=
            for ((index = 0; index < ${#COMP_WORDS[@]}; index++)); do
                word=${COMP_WORDS[index]}
                if [[ $last == @ || $last == --*= || ($word == = && $last == --*) ]]; then
                    whole[${#whole[@]} - 1]+=$word
                else
                    whole+=("$word")
                fi
                last=${whole[${#whole[@]} - 1]}
                ((index == COMP_CWORD)) && here=$((${#whole[@]} - 1))
            done
            local -r current=${whole[here]}
            local -a COMP_WORDS=("${whole[@]}")
            local -i COMP_CWORD=here
            case $current in
            --*=*) _keyvm "$1" "${current#*=}" "${current%%=*}" ;;
            @*) _keyvm "$1" "$current" "$3" ;;
            *) _keyvm "$1" "$2" "$3" ;;
            esac
            # Names of checkpoints are no files: their @ needs no backslash.
            [[ ${COMPREPLY[0]-} != @* ]] || compopt +o filenames 2>/dev/null
        }

        complete -o filenames -F _keyvm_whole_words keyvm
        """#
}
