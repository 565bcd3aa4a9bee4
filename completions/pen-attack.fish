# pen-attack(1): written by completions/generate from src/pen-attack/opts.def

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

complete -c pen-attack -f
complete -c pen-attack -n __fish_use_subcommand -x -a ''
complete -c pen-attack -n 'not __fish_use_subcommand' -x
complete -c pen-attack -l agent -d 'attack a pen for this agent' -x -a '(__pen_now agents)'
complete -c pen-attack -l profile -d 'attack a pen with this profile of pen.conf' -x -a '(__pen_now profiles)'
complete -c pen-attack -l with -d 'attack another launcher: words for sh that a program follows' -x
complete -c pen-attack -l only -d 'make only the attacks whose GROUP/NAME matches' -x
complete -c pen-attack -l json -d 'print the entries as JSON'
complete -c pen-attack -l list -d 'print what each attack tries, and make none'
complete -c pen-attack -l try -d 'make one attack here and now, without a launcher' -x
complete -c pen-attack -l part -d 'what pen-attack starts itself with' -x
complete -c pen-attack -l help -d 'print a summary of the options and end'
complete -c pen-attack -l version -d 'print the version and end'
