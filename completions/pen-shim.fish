# pen-shim(1): written by completions/generate from bin/pen-shim

function __pen_now
    set -l state $HOME/.local/state
    set -q XDG_STATE_HOME; and set state $XDG_STATE_HOME
    switch $argv[1]
        case agents profiles
            command pen --list $argv[1] 2>/dev/null
        case rules
            command pen --list groups 2>/dev/null
        case sessions
            command pen-ctl ls 2>/dev/null | command sed '1d; s/ .*//'
        case logs
            command pen-log --list 2>/dev/null | command sed '1d; s/ .*//'
    end
    switch $argv[1]
        case rules refused
            command find $state/pen/log -name '*.jsonl' -mtime -2 -exec sed -nE 's|.*"allow":"([A-Za-z0-9.*:/_-]+)".*|\1|p' '{}' + 2>/dev/null | command sort -u
    end
end

complete -c pen-shim -f
complete -c pen-shim -x -a '(__pen_now agents)'
complete -c pen-shim -l install -d 'make links for the agents named, or all on PATH'
complete -c pen-shim -l remove -d 'remove the links for the agents named, or all'
complete -c pen-shim -l list -d 'print each link and the program that it leads to'
complete -c pen-shim -l dir -d 'where the links are (default: ~/.local/share/pen/shims)' -x -a '(__fish_complete_directories)'
complete -c pen-shim -l help -d 'print a summary of the options and end'
complete -c pen-shim -l version -d 'print the version and end'
