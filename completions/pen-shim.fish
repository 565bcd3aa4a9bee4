# pen-shim(1): written by completions/generate from bin/pen-shim

function __pen_now
    set -l conf $HOME/.config
    set -q XDG_CONFIG_HOME; and set conf $XDG_CONFIG_HOME
    set -l state $HOME/.local/state
    set -q XDG_STATE_HOME; and set state $XDG_STATE_HOME
    set -l share (command pen --shell bash 2>/dev/null | command sed 's,^\. ,,; s,shell/pen.bash$,,')
    switch $argv[1]
        case agent
            command find $share"agents/" -name '*.conf' 2>/dev/null | command sed 's,.*/,,; s,\.conf$,,'
        case rules
            command find $share"groups/" -name '*.conf' 2>/dev/null | command sed 's,.*/,@,; s,\.conf$,,'
            printf '%s\n' @npm @pip @apt
    end
    switch $argv[1]
        case agent profile
            command sed -nE 's/^(.*})?[[:space:]]*'$argv[1]'[[:space:]]+["\']?([A-Za-z0-9._+-]+).*/\2/p' /etc/pen/pen.conf $conf/pen/pen.conf 2>/dev/null
        case sessions
            command pen-ctl ls 2>/dev/null | command sed '1d; s/ .*//'
        case logs
            command pen-log --list 2>/dev/null | command sed 's/ .*//'
        case rules refused
            command find $state/pen/log -name '*.jsonl' -mtime -2 -exec sed -nE 's|.*"allow":"([A-Za-z0-9.*:/_-]+)".*|\1|p' '{}' + 2>/dev/null | command sort -u
    end
end

complete -c pen-shim -f
complete -c pen-shim -x -a '(__pen_now agent)'
complete -c pen-shim -l install -d 'make links for the agents named'
complete -c pen-shim -l remove -d 'remove the links for the agents named, or all'
complete -c pen-shim -l list -d 'print each link and the program that it leads to'
complete -c pen-shim -l dir -d 'where the links are (default: ~/.local/share/pen/shims)' -x -a '(__fish_complete_directories)'
complete -c pen-shim -l help -d 'print a summary of the options and end'
complete -c pen-shim -l version -d 'print the version and end'
