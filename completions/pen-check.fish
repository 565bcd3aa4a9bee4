# pen-check(1): written by completions/generate from src/pen-check/opts.def

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

complete -c pen-check -f
complete -c pen-check -n __fish_use_subcommand -x -a ''
complete -c pen-check -n 'not __fish_use_subcommand' -x
complete -c pen-check -l json -d 'print the findings as JSON'
complete -c pen-check -l fix -d 'print the commands that mend what is missing, and run them if you agree'
complete -c pen-check -l refused -d 'only say what refuses a namespace or exec here, for the error of that number' -x
complete -c pen-check -l attack -d 'attack a real pen from inside, beside controls outside'
complete -c pen-check -l agent -d 'with --attack: a pen for this agent' -x -a '(__pen_now agents)'
complete -c pen-check -l profile -d 'with --attack: a pen with this profile of pen.conf' -x -a '(__pen_now profiles)'
complete -c pen-check -l with -d 'with --attack: another launcher, words for sh' -x
complete -c pen-check -l help -d 'print a summary of the options and end'
complete -c pen-check -l version -d 'print the version and end'
